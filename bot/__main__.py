"""`studyhall`, or `python -m bot`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the console script. While it's loaded, Ctrl-C just ends it."""
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot import cli

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
