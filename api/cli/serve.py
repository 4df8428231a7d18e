"""`erstwhile serve`: the HTTP API until Ctrl-C."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from erstwhile.api.cli.console import VisibleFormatter, err, out
from erstwhile.api.cli.run import open_database, settings
from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.database.home_check import findings
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.support.proxies import Edge, MalformedEdge, edge_of


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; default 8080.", min=0, max=65535)] = None,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="A throw-away database, gone at the end.")] = False,
    public_url: Annotated[
        str | None, typer.Option(metavar="URL", help="How callers reach the server, where a proxy stands before it.")
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="NETWORK", help="A proxy that is believed who called, and how; may be given again."),
    ] = None,
    proxy_headers: Annotated[
        str | None,
        typer.Option(metavar="forwarded|x-forwarded", help="Which headers the proxy writes; default either."),
    ] = None,
) -> None:
    """Serve the HTTP API. The first start prints a token."""
    handler = logging.StreamHandler()
    handler.setFormatter(VisibleFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    chosen = settings(ephemeral)
    with open_database(chosen) as database:
        for line in [] if ephemeral else findings(chosen.home):
            err.print(f"[yellow]beware:[/] {err.text(line)}")
        token = first_token(database)
        if token:
            out.print("The first start: this administrator's token is not shown again:")
            print(token, flush=True)
        # Here, and not above: what a server needs is half of the start of every command.
        from erstwhile.api.cli.run_server import run_server

        at = chosen.port if port is None else port
        edge = _edge(chosen.edge, public_url, trusted_proxy, proxy_headers)
        run_server(
            database,
            chosen.names,
            None if ephemeral else chosen.home,
            host or chosen.host,
            at,
            _announce,
            edge,
        )


def _edge(chosen: Edge, public_url: str | None, proxies: list[str] | None, headers: str | None) -> Edge:
    """The settings, with the options that were given. Raises MalformedSetting."""
    try:
        return edge_of(
            chosen.public_url if public_url is None else public_url,
            [str(each) for each in chosen.proxies] if proxies is None else proxies,
            chosen.headers if headers is None else headers,
        )
    except MalformedEdge as error:
        raise MalformedSetting(f"{error.setting.replace('_', ' ')}: {error}") from None


def _announce(address: str) -> None:
    print(f"Erstwhile listens on {address}; Ctrl-C ends it", flush=True)


def first_token(database: Database) -> str | None:
    """An administrator's token when there is none at all."""
    with database.connect() as connection:
        return None if tokens.exists(connection) else tokens.create(connection, "first-start", ["admin"])
