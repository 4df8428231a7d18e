"""`erstwhile serve`: the HTTP API until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from erstwhile.api.cli.console import err
from erstwhile.api.cli.run import fail, open_database, settings
from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.database.home_check import findings
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving.first_start import hand_over
from erstwhile.api.serving.service_manager import ServiceManager
from erstwhile.api.serving.worker import Worker, WorkerPlace
from erstwhile.api.support.proxies import Edge, MalformedEdge, edge_of


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; default 8080.", min=0, max=65535)] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=256, help="So many processes on the one port; default 1.")
    ] = None,
    metrics_listen: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Where /metrics is told to anybody who asks; GET /metrics of the port needs a token.",
        ),
    ] = None,
    tls_certificate: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Speak TLS: the certificate, in PEM form; read again when it changes.",
        ),
    ] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="FILE", help="The certificate's private key.")] = None,
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
    chosen = settings(ephemeral)
    place, manager = WorkerPlace.of_process(), ServiceManager.of_process()
    from erstwhile.api.serving import logs

    logs.set_up(None if place is None else place.number)
    # Here, and not above: what a server needs is half of the start of every command.
    from erstwhile.api.serving import serve_settings

    serving = serve_settings.from_environment(
        workers=None if workers is None else str(workers), metrics_listen=metrics_listen,
        tls_certificate=tls_certificate, tls_key=tls_key,
    )  # fmt: skip
    at = chosen.port if port is None else port

    def announced(address: str, workers: Sequence[int] = ()) -> None:
        _announce(address, workers)
        manager.is_ready(f"listens on {address}")

    with open_database(chosen) as database:
        if place is None:
            for line in [] if ephemeral else findings(chosen.home):
                err.print(f"[yellow]beware:[/] {err.text(line)}")
            token = first_token(database)
            if token:
                home = None if ephemeral else chosen.home
                hand_over(home, "The first start: the administrator's token", {"ERSTWHILE_TOKEN": token}, token)
        from erstwhile.api.cli import run_server

        if place is None and serving.workers > 1:
            if ephemeral:
                fail("a throw-away database has one process: its keys are in that process's memory", 2)
            # -P: a folder that happens to have our name is not ours.
            command = [sys.executable, "-P", "-m", "erstwhile", *sys.argv[1:]]
            run_server.run_workers(command, serving, host or chosen.host, at, announced, manager.ends)
            return
        worker = None if place is None else Worker(place)
        run_server.run_server(
            database,
            chosen.names,
            None if ephemeral else chosen.home,
            host or chosen.host,
            at if worker is None else worker.place.port,
            announced if worker is None else worker.listens,
            _edge(chosen.edge, public_url, trusted_proxy, proxy_headers),
            worker,
            serving,
            manager.ends,
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


def _announce(address: str, workers: Sequence[int]) -> None:
    processes = f" by {len(workers)} workers (processes {', '.join(map(str, workers))})" if workers else ""
    print(f"Erstwhile listens on {address}{processes}; process {os.getpid()}; Ctrl-C ends it", flush=True)


def first_token(database: Database) -> str | None:
    """An administrator's token when there is none at all."""
    with database.connect() as connection:
        return None if tokens.exists(connection) else tokens.create(connection, "first-start", ["admin"])
