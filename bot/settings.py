"""Settings, read once from the environment and passed on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from platformdirs import PlatformDirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_FOLDERS = PlatformDirs("studyhall", appauthor=False)


def _default_database() -> str:
    return f"sqlite:///{quote(str(_FOLDERS.user_data_path / 'studyhall.db'))}"


PREFIX = "STUDYHALL_"


def name_variable(setting: str) -> str:
    """Name the environment variable of a setting."""
    return f"{PREFIX}{setting}".upper()


class Settings(BaseSettings):
    """Environment variables that start with STUDYHALL_. `make docs` copies the descriptions."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    database_url: str = Field(
        default_factory=_default_database,
        description="database to use (default: a SQLite file in your data folder)",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="keys that encrypt Slack workspaces' tokens in the database, separated by "
        "commas: the first encrypts, all decrypt",
    )
    cache: Path = Field(
        _FOLDERS.user_cache_path,
        description="folder for parsed packs, to start faster (default: your cache folder)",
    )
    discord_token: SecretStr | None = Field(None, description="bot token; never logged")
    discord_api_base: str = Field(
        "",
        description="base URL of Discord's API, for example a proxy that handles rate limits; "
        "the gateway's URL comes from there",
    )
    slack_bot_token: SecretStr | None = Field(None, description="bot token of the workspace")
    slack_app_token: SecretStr | None = Field(
        None, description="app-level token for Socket Mode; leave it out to use HTTP"
    )
    slack_signing_secret: SecretStr | None = Field(None, description="signing secret, for HTTP")
    slack_client_id: str = Field(
        "", description="client ID, to let other workspaces install the app"
    )
    slack_client_secret: SecretStr | None = Field(
        None, description="client secret, to let other workspaces install the app"
    )
    slack_api_base: str = Field("", description="base URL of the Web API, for example GovSlack's")
    slack_host: str = Field("127.0.0.1", description="address to listen on for HTTP")
    slack_port: int = Field(3000, ge=1, le=65535, description="port to listen on for HTTP")
