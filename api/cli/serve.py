"""`erstwhile serve`: the HTTP API until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from aiohttp import web

from erstwhile.api.applications.names import Names
from erstwhile.api.aws.administration import setup
from erstwhile.api.cli.console import VisibleFormatter, err, out
from erstwhile.api.cli.run import fail, open_database, settings
from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.database.home_check import findings
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.http.app import make_app
from erstwhile.api.http.server.listen import listening
from erstwhile.api.runtime.runtime import FollowingRuntime
from erstwhile.api.support.proxies import Edge, MalformedEdge, edge_of

SWITCH_INTERVAL = 0.002
"""Seconds after which a thread that wants the interpreter gets it from one that computes; Python's own are 0.005."""
COLLECTED = (5_000, 20, 100)
"""How much is made before the collector of cycles looks: most of what a command makes stays. Python's own are 700, 10
and 10."""


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


def run_server(
    database: Database,
    names: Names,
    home: Path | None,
    host: str,
    port: int,
    ready: Callable[[str], None],
    edge: Edge | None = None,
) -> None:
    """Serves a database until SIGINT or SIGTERM. `ready` hears of the address."""
    # The writer and the follower of the log have little to do, and many wait for it: they must not wait in turn.
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*COLLECTED)
    with closing(FollowingRuntime(database, names)) as runtime:
        try:
            started = setup.start(runtime, home)
            if started.new_root_key is not None:
                key_id, secret = started.new_root_key
                out.print(
                    f"The root's access key of account {names.account}, for AWS's clients; it is not shown again:"
                )
                print(f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}", flush=True)
            uvloop.run(_serve(make_app(runtime, started.endpoint, edge), host, port, ready))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fail(f"port {port} of {host} is in use; choose another with --port")
            fail(f"cannot listen on {host}, port {port}: {_reason(error)}; choose others with --host and --port")


def _reason(error: OSError) -> str:
    """The system's own words: the event loop puts the address before them, and knows no name for it."""
    if isinstance(error, socket.gaierror):
        return f"no such host ({error.strerror})"
    return os.strerror(error.errno) if error.errno else str(error)


async def _serve(app: web.Application, host: str, port: int, ready: Callable[[str], None]) -> None:
    async with listening(app, host, port) as address:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        ready(address)
        await stop.wait()
