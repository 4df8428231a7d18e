"""`erstwhile witness`: cosigns the checkpoints of other logs, which it remembers."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erstwhile.api.cli.console import out
from erstwhile.api.cli.run import fail
from erstwhile.domain.ledger.notes import VerifierKey, parse_verifier_key

if TYPE_CHECKING:
    from erstwhile.api.ledger.witness import Witness


def witness(
    home: Annotated[Path, typer.Option("--home", metavar="DIR", help="Where its key and what it cosigned lie.")],
    log: Annotated[
        list[str], typer.Option("--log", metavar="FILE|KEY", help="A public key of a log, or a file with some; again.")
    ],
    name: Annotated[str | None, typer.Option(help="The name of a new witness: witness.example.org/w1, say.")] = None,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where it listens.")] = "127.0.0.1:8090",
) -> None:
    """Run a witness: it cosigns a log's checkpoint only if that goes on from the one that it cosigned last.

    So nobody can show two histories of the log to those who ask for its cosignature. It has no database; run it where
    the operator of the log is not in charge.

    Its public keys are printed at the start; they are for `erstwhile verify --witness` and ERSTWHILE_WITNESSES.
    """
    from erstwhile.api.ledger.keys import read_public
    from erstwhile.api.ledger.witness import Witness
    from erstwhile.api.serving import logs as logs_of_process

    logs_of_process.set_up(None)
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        fail(f"--listen is HOST:PORT, as 127.0.0.1:8090 is, not {listen!r}", 2)
    logs: list[VerifierKey] = []
    for each in log:
        logs += [parse_verifier_key(each)] if "+" in each and not Path(each).exists() else read_public(Path(each))
    running = Witness(home, name, logs, lambda: int(time.time()))
    try:
        asyncio.run(_serve(running, host.strip("[]"), int(port)))
    except OSError as error:
        fail(f"cannot listen on {listen}: {error.strerror or error}")
    finally:
        running.close()


async def _serve(running: Witness, host: str, port: int) -> None:
    from erstwhile.api.http.server.listen import listening
    from erstwhile.api.ledger.witness_server import make_app

    async with listening(make_app(running), host, port) as address:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        out.print(out.text(f"a witness at {address}; its public keys:"))
        for key in running.keys:
            print(key, flush=True)
        await stop.wait()
