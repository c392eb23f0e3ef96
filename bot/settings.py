"""What can be set from outside, read once and passed on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from platformdirs import PlatformDirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_FOLDERS = PlatformDirs("studyhall", appauthor=False)


def _own_database() -> str:
    return f"sqlite:///{quote(str(_FOLDERS.user_data_path / 'studyhall.db'))}"


class Settings(BaseSettings):
    """Environment variables that begin with STUDYHALL_."""

    model_config = SettingsConfigDict(env_prefix="STUDYHALL_", frozen=True, env_ignore_empty=True)

    database_url: str = Field(default_factory=_own_database)
    cache: Path = _FOLDERS.user_cache_path
    discord_token: SecretStr | None = None
    discord_api_base: str = ""
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str = ""
    slack_client_secret: SecretStr | None = None
    slack_api_base: str = ""
    slack_host: str = "127.0.0.1"
    slack_port: int = 3000
