"""Settings, from the environment; the command line's options win over them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import platformdirs

from erstwhile.api.applications.names import DEFAULT_ACCOUNT, MalformedNames, Names
from erstwhile.api.support.proxies import Edge, MalformedEdge, edge_of
from erstwhile.domain.policy.knowledge import rcp_services
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.numbers import parse_number


class MalformedSetting(MalformedInput):
    """a setting of the environment that cannot be used"""

    code = "malformed_setting"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data is, and what the server listens on."""

    home: Path
    database_url: str = ""
    ephemeral: bool = False
    host: str = "127.0.0.1"
    port: int = 8080
    names: Names = Names()
    edge: Edge = Edge()

    @classmethod
    def from_environment(cls, ephemeral: bool = False) -> Settings:
        """ERSTWHILE_HOME, ERSTWHILE_DATABASE_URL, ERSTWHILE_HOST, ERSTWHILE_PORT, ERSTWHILE_ACCOUNT_ID,
        ERSTWHILE_PARTITION, ERSTWHILE_NAMES, ERSTWHILE_PUBLIC_URL, ERSTWHILE_TRUSTED_PROXIES, ERSTWHILE_PROXY_HEADERS.
        Raises MalformedSetting."""
        port = parse_number(os.environ.get("ERSTWHILE_PORT") or "8080", 0, 65_535)
        if port is None:
            raise MalformedSetting(f"ERSTWHILE_PORT must be a port number, not {os.environ['ERSTWHILE_PORT']!r}")
        home = os.environ.get("ERSTWHILE_HOME")
        return cls(
            home=Path(home).expanduser() if home else Path(platformdirs.user_data_dir("erstwhile", appauthor=False)),
            database_url="" if ephemeral else os.environ.get("ERSTWHILE_DATABASE_URL", ""),
            ephemeral=ephemeral,
            host=os.environ.get("ERSTWHILE_HOST", "127.0.0.1"),
            port=port,
            names=_names(),
            edge=_edge(),
        )


def _edge() -> Edge:
    found = {
        name: os.environ.get(f"ERSTWHILE_{name}", "") for name in ("PUBLIC_URL", "TRUSTED_PROXIES", "PROXY_HEADERS")
    }
    try:
        return edge_of(found["PUBLIC_URL"], found["TRUSTED_PROXIES"].replace(",", " ").split(), found["PROXY_HEADERS"])
    except MalformedEdge as error:
        name = next(name for name in found if name.lower() == error.setting)
        raise MalformedSetting(f"ERSTWHILE_{name}: {error}") from None


def use_lists() -> None:
    """ERSTWHILE_RCP_SERVICES: a file with the services under resource control policies, in place of the shipped list.
    Raises MalformedSetting."""
    path = os.environ.get("ERSTWHILE_RCP_SERVICES")
    if not path:
        return
    try:
        rcp_services.replace(rcp_services.read(Path(path).expanduser().read_bytes()))
    except (OSError, rcp_services.MalformedServices) as error:
        raise MalformedSetting(f"ERSTWHILE_RCP_SERVICES: {error}") from None


def _names() -> Names:
    account = os.environ.get("ERSTWHILE_ACCOUNT_ID") or DEFAULT_ACCOUNT
    partition = os.environ.get("ERSTWHILE_PARTITION") or "aws"
    path = os.environ.get("ERSTWHILE_NAMES")
    try:
        return Names.read(Path(path).expanduser(), account) if path else Names(account, partition)
    except MalformedNames as error:
        where = "ERSTWHILE_NAMES" if path else "ERSTWHILE_ACCOUNT_ID"
        raise MalformedSetting(f"{where}: {error}") from None
