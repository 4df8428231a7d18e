"""Settings, from the environment; the command line's options win over them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import platformdirs

from erstwhile.api.names import DEFAULT_ACCOUNT, MalformedNames, Names


class MalformedSetting(ValueError):
    """a setting of the environment that cannot be used"""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data is, and what the server listens on."""

    home: Path
    database_url: str = ""
    ephemeral: bool = False
    host: str = "127.0.0.1"
    port: int = 8080
    names: Names = Names()

    @classmethod
    def from_environment(cls, ephemeral: bool = False) -> Settings:
        """ERSTWHILE_HOME, ERSTWHILE_DATABASE_URL, ERSTWHILE_HOST, ERSTWHILE_PORT, ERSTWHILE_ACCOUNT_ID,
        ERSTWHILE_PARTITION, ERSTWHILE_NAMES. Raises MalformedSetting."""
        port = os.environ.get("ERSTWHILE_PORT", "8080")
        if not port.isdigit() or int(port) > 65535:
            raise MalformedSetting(f"ERSTWHILE_PORT must be a port number, not {port!r}")
        home = os.environ.get("ERSTWHILE_HOME")
        return cls(
            home=Path(home).expanduser() if home else Path(platformdirs.user_data_dir("erstwhile", appauthor=False)),
            database_url="" if ephemeral else os.environ.get("ERSTWHILE_DATABASE_URL", ""),
            ephemeral=ephemeral,
            host=os.environ.get("ERSTWHILE_HOST", "127.0.0.1"),
            port=int(port),
            names=_names(),
        )


def _names() -> Names:
    account = os.environ.get("ERSTWHILE_ACCOUNT_ID") or DEFAULT_ACCOUNT
    partition = os.environ.get("ERSTWHILE_PARTITION") or "aws"
    path = os.environ.get("ERSTWHILE_NAMES")
    try:
        return Names.read(Path(path).expanduser(), account) if path else Names(account, partition)
    except MalformedNames as error:
        where = "ERSTWHILE_NAMES" if path else "ERSTWHILE_ACCOUNT_ID"
        raise MalformedSetting(f"{where}: {error}") from None
