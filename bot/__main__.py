"""`studyhall`, or `python -m bot`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the console script. While it's loaded, Ctrl-C just ends it."""
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.cli import app
    from bot.cli.program import prepare_streams

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    prepare_streams()
    app()


if __name__ == "__main__":
    main()
