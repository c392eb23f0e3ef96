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
    """Environment variables that begin with STUDYHALL_; the docs take their descriptions."""

    model_config = SettingsConfigDict(env_prefix="STUDYHALL_", frozen=True, env_ignore_empty=True)

    database_url: str = Field(
        default_factory=_own_database,
        description="where answers are kept; without it a file in your data folder",
    )
    cache: Path = Field(
        _FOLDERS.user_cache_path,
        description="folder for what makes the next start faster; without it your cache folder",
    )
    discord_token: SecretStr | None = Field(None, description="the bot's token; it is never logged")
    discord_api_base: str = Field(
        "",
        description="another address of Discord's API, such as a proxy that keeps rate limits; "
        "the gateway's address is asked for there",
    )
    slack_bot_token: SecretStr | None = Field(None, description="the workspace's bot token")
    slack_app_token: SecretStr | None = Field(
        None, description="for Socket Mode; without it events come over HTTP"
    )
    slack_signing_secret: SecretStr | None = Field(None, description="for HTTP")
    slack_client_id: str = Field("", description="for many workspaces, with the client secret")
    slack_client_secret: SecretStr | None = Field(
        None, description="for many workspaces, with the client id"
    )
    slack_api_base: str = Field("", description="another address of the Web API, as GovSlack has")
    slack_host: str = Field("127.0.0.1", description="the address that takes HTTP")
    slack_port: int = Field(3000, description="the port that takes HTTP")
