"""Platforms: what comes in becomes the engine's events, and its screens go out."""


class LoginFailed(Exception):
    """A platform cannot be logged in to; the message says what to do."""
