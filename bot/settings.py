"""Settings, read once from the environment and from files, and passed on."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from dotenv.parser import parse_stream
from platformdirs import PlatformDirs
from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.engine.platform import Misconfigured

_FOLDERS = PlatformDirs("studyhall", appauthor=False)


def _default_database() -> str:
    return f"sqlite:///{quote(str(_FOLDERS.user_data_path / 'studyhall.db'))}"


PREFIX = "STUDYHALL_"
IN_FILE = "_FILE"
"""Ends the name of a variable whose value is in a file, as Docker and systemd pass secrets."""

OWN_FILE, COMMON_FILE = Path("studyhall.env"), Path(".env")
"""Files with settings, in the working folder: ours, and one that other programs read, too."""

BASE_URL = "_API_BASE"
"""Ends the name of a base URL, which is where tokens are sent."""

MIN_LIKENESS = 65
"""How alike a misspelt name and the right one are at least, in percent. What's less like any of our
names may belong to another program that starts its own with ours."""

_OTHERS = re.compile(r"_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP)")
"""What Kubernetes sets for a service that's called studyhall; its ports start with a scheme."""


def name_variable(setting: str) -> str:
    """Name the environment variable of a setting."""
    return f"{PREFIX}{setting}".upper()


class Settings(BaseSettings):
    """Variables that start with STUDYHALL_. `make docs` copies the descriptions."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What's passed on the command line, then the environment, then the files. Raises
        Misconfigured."""
        fields = settings_cls.model_fields
        layers = [_read_layer(where, given, fields) for where, given in _list_layers()]
        return init_settings, *(InitSettingsSource(settings_cls, each) for each in layers)

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
    pack: str = Field(
        "", description="pack to use unless a channel has another one: its name or folder"
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
    ops_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="port for operators, with `/healthz`, `/readyz` and `/metrics` (0: none)",
    )
    ops_host: str = Field("127.0.0.1", description="address to listen on for operators")
    log_format: Literal["auto", "console", "json"] = Field(
        "auto",
        description="`json`, `console`, or `auto`: JSON unless a terminal shows the log",
    )


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is a secret. A database's URL can hold a password."""
    return "SecretStr" in str(field.annotation) or field is Settings.model_fields["database_url"]


def _list_layers() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Where settings are read from, and what's there; the first wins. Raises Misconfigured."""
    yield "the environment", os.environ
    if OWN_FILE.is_file():
        state = OWN_FILE.stat()
        if state.st_uid not in (os.getuid(), 0) or state.st_mode & stat.S_IWOTH:
            raise Misconfigured(
                f"Others can change {OWN_FILE.absolute()}. If it's yours, run `chown {os.getuid()} "
                f"{OWN_FILE}` and `chmod 600 {OWN_FILE}`."
            )
        yield str(OWN_FILE), _parse_file(OWN_FILE, strict=True)
    if COMMON_FILE.is_file():
        state = COMMON_FILE.stat()
        if state.st_uid == os.getuid() and not stat.S_IMODE(state.st_mode) & 0o077:
            common = _parse_file(COMMON_FILE, strict=False).items()
            # It may have come with a project's files. They don't choose where our tokens go.
            yield str(COMMON_FILE), {k: v for k, v in common if not k.upper().endswith(BASE_URL)}


def _parse_file(file: Path, *, strict: bool) -> Mapping[str, str]:
    """The variables in a file; if it's `strict`, each line has to be understood. Raises
    Misconfigured."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it isn't UTF-8"
        raise Misconfigured(f"Can't read {file.absolute()}: {reason}.") from None
    bindings = list(parse_stream(io.StringIO(text)))
    for each in bindings if strict else ():
        if each.error or (each.key and each.value is None):
            raise Misconfigured(
                f"Can't understand line {each.original.line} of {file}. Write NAME=value."
            )
    return {each.key: each.value for each in bindings if each.key and each.value is not None}


def _read_layer(
    where: str, given: Mapping[str, str], fields: Mapping[str, FieldInfo]
) -> dict[str, Any]:
    """The settings in a layer by field, with secrets from the files that are named there. Raises
    Misconfigured."""
    known = {name_variable(each): each for each in fields}
    in_files = {f"{name}{IN_FILE}": each for name, each in known.items() if is_secret(fields[each])}
    found: dict[str, Any] = {}
    for written, value in given.items():
        name = written.upper()
        if not name.startswith(PREFIX) or not value:
            continue
        field = known.get(name) or in_files.get(name)
        if field is None:
            _name_nearest(written, value, where, [*known, *in_files])
        elif field in found:
            raise Misconfigured(
                f"Set {name_variable(field)} or {name_variable(field)}{IN_FILE} in {where}, not "
                "both."
            )
        else:
            found[field] = value if name in known else read_secret_file(name, value)
    return found


def _name_nearest(written: str, value: str, where: str, known: list[str]) -> None:
    """Raises Misconfigured if a name of ours is misspelt."""
    from rapidfuzz import fuzz, process

    def tell_words(name: str) -> str:
        return name.upper().removeprefix(PREFIX).replace("_", " ")

    if where != str(OWN_FILE) and (_OTHERS.search(written) or "://" in value[:6]):
        return
    near = process.extractOne(
        written,
        known,
        processor=tell_words,
        scorer=lambda one, other, **_: max(
            fuzz.ratio(one, other), fuzz.token_set_ratio(one, other)
        ),
        score_cutoff=MIN_LIKENESS,
    )
    if near:
        raise Misconfigured(f"There's no setting {written} (in {where}). Did you mean {near[0]}?")
    if where == str(OWN_FILE):
        raise Misconfigured(
            f"There's no setting {written} (in {where}). Remove it; docs/command-line.md lists all."
        )


def read_secret_file(name: str, path: str) -> str:
    """The content of a file, without the newline that an editor adds. Raises Misconfigured."""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError, RuntimeError) as problem:
        reason = getattr(problem, "strerror", None) or "it isn't UTF-8"
        raise Misconfigured(f"Can't read {path}, which {name} names: {reason}.") from None
