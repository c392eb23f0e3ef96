"""Encrypts the secrets in the database with the keys of STUDYHALL_SECRET_KEY."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, String, TypeDecorator

MARK = "fernet:"
"""What an encrypted secret starts with. No token of Slack's and no URL does."""

NEW_KEY = "`studyhall db new-key` makes one."


class SecretKeyProblem(Exception):
    """A secret can't be decrypted, or the keys aren't keys. The message says what to do."""


class Keys:
    """Secret keys: the first encrypts, all decrypt. Without any, secrets are stored as they are."""

    def __init__(self, keys: str = "") -> None:
        """Read a list of keys, separated by commas. Raises SecretKeyProblem."""
        try:
            fernets = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
        except ValueError:
            raise SecretKeyProblem(
                f"STUDYHALL_SECRET_KEY isn't a key, or a list of keys with commas. {NEW_KEY}"
            ) from None
        self._fernet = MultiFernet(fernets) if fernets else None

    def __bool__(self) -> bool:
        return self._fernet is not None

    def encrypt(self, secret: str) -> str:
        """Encrypt a secret with the first key, if there is one."""
        if self._fernet is None:
            return secret
        return MARK + self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """The secret that is stored, encrypted or not. Raises SecretKeyProblem."""
        if not stored.startswith(MARK):
            return stored
        if self._fernet is None:
            raise SecretKeyProblem(
                "Slack's tokens in the database are encrypted, and there's no key: set "
                "STUDYHALL_SECRET_KEY to the key that encrypted them. Nothing was lost."
            )
        try:
            return self._fernet.decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            raise SecretKeyProblem(
                "No key in STUDYHALL_SECRET_KEY decrypts Slack's tokens in the database: add the "
                "key that encrypted them, after a comma. Nothing was lost."
            ) from None


def new_key() -> str:
    """A new random key."""
    return Fernet.generate_key().decode()


class Encrypted(TypeDecorator[str]):
    """A text that's stored encrypted."""

    impl = String
    cache_ok = True

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.keys = keys

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt it."""
        return None if value is None else self.keys.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt it. Raises SecretKeyProblem."""
        return None if value is None else self.keys.decrypt(value)
