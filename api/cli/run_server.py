"""Runs a server over a database until a signal ends it: what `serve` and `demo` share."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvloop
from aiohttp import web

from erstwhile.api.applications.names import Names
from erstwhile.api.aws.administration import setup
from erstwhile.api.cli.run import fail
from erstwhile.api.cli.server_threads import working
from erstwhile.api.database.database import Database
from erstwhile.api.http.app import make_app, metrics_app
from erstwhile.api.http.app_keys import RUNTIME, SIBLINGS
from erstwhile.api.http.late_handlers import import_handlers
from erstwhile.api.http.server.listen import listening
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.serving.certificates import Certificates
from erstwhile.api.serving.first_start import hand_over
from erstwhile.api.serving.ports import reserved
from erstwhile.api.serving.serve_settings import ServeSettings
from erstwhile.api.serving.supervisor import MARGIN, Failed, Supervisor
from erstwhile.api.serving.worker import Worker
from erstwhile.api.support.collector import Collector, collect_seldom
from erstwhile.api.support.proxies import Edge
from erstwhile.projections.columns.memory import give_back, keep_for_the_next_question, share_one_heap

if TYPE_CHECKING:
    from erstwhile.api.serving.tracing import Tracing

SWITCH_INTERVAL = 0.002
"""Seconds after which a thread that wants the interpreter gets it from one that computes; Python's own are 0.005."""
COLLECTED = 2.0
"""Seconds between two looks whether it is time to collect: each change leaves columns and views of the past, which hold
each other, and what lies about at once is memory that a process never needs less of."""
TIDIED = 10.0
"""Seconds between two times that free memory is given back: it takes milliseconds, in which others wait for memory."""


def run_server(
    database: Database,
    names: Names,
    home: Path | None,
    host: str,
    port: int,
    ready: Callable[[str], None],
    edge: Edge | None = None,
    worker: Worker | None = None,
    settings: ServeSettings | None = None,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serves a database until SIGINT or SIGTERM. `ready` hears of the address. `worker`: where this is one of several
    processes on one port; `settings`: limits and TLS; `ending`: hears that the end begins."""
    share_one_heap()
    keep_for_the_next_question()
    settings = settings or ServeSettings()
    certificates = _certificates(settings)
    # The writer and the follower of the log have little to do, and many wait for it: they must not wait in turn.
    sys.setswitchinterval(SWITCH_INTERVAL)
    collect_seldom()
    with closing(FollowingRuntime(database, names, settings.long_questions)) as runtime:
        try:
            started = setup.start(runtime, home)
            if started.new_root_key is not None:
                key_id, secret = started.new_root_key
                found = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
                what = f"For AWS's clients: the access key of the root user of account {names.account}"
                hand_over(home, what, found, "\n".join(f"{name}={value}" for name, value in found.items()))
            with working(runtime, home, worker) as recording, _tracing() as traces:
                app = make_app(
                    runtime,
                    started.endpoint,
                    edge,
                    recording.decisions,
                    recording.requests,
                    None if worker is None else worker.place,
                    settings,
                    traces,
                )
                uvloop.run(_serve(app, host, port, ready, ending, worker, settings, certificates))
        except OSError as error:
            cannot_listen(error, host, port)


def run_workers(
    command: Sequence[str],
    settings: ServeSettings,
    host: str,
    port: int,
    ready: Callable[[str, list[int]], None],
    ending: Callable[[], None],
) -> None:
    """Runs as many processes of a command as the settings say, on one port, until SIGINT or SIGTERM. `ready` hears of
    the address and of the processes; `ending`: that the end begins."""
    try:
        with reserved(host, port) as port:
            patience = settings.limits.drain + MARGIN
            asyncio.run(Supervisor(command, settings.workers, port, ready, ending, patience).run())
    except Failed as error:
        raise SystemExit(error.status or 1) from None
    except OSError as error:
        cannot_listen(error, host, port)


def cannot_listen(error: OSError, host: str, port: int) -> NoReturn:
    """Ends with what is wrong with an address."""
    if error.errno == errno.EADDRINUSE:
        fail(f"port {port} of {host} is in use; choose another with --port")
    fail(f"cannot listen on {host}, port {port}: {_reason(error)}; choose others with --host and --port")


def _certificates(settings: ServeSettings) -> Certificates | None:
    """Raises MalformedSetting."""
    if settings.certificate is None or settings.key is None:
        return None
    return Certificates(settings.certificate, settings.key)


@contextmanager
def _tracing() -> Iterator[Tracing | None]:
    """Traces requests for the block, if the environment names a collector. Raises MalformedSetting."""
    if not os.environ.get("ERSTWHILE_OTEL_ENDPOINT"):
        yield None
        return
    from erstwhile.api.serving import tracing

    found = tracing.from_environment()
    assert found is not None
    found.start()
    with closing(found):
        yield found


def _reason(error: OSError) -> str:
    """The system's own words: the event loop puts the address before them, and knows no name for it."""
    if isinstance(error, socket.gaierror):
        return f"no such host ({error.strerror})"
    return os.strerror(error.errno) if error.errno else str(error)


async def _serve(
    app: web.Application,
    host: str,
    port: int,
    ready: Callable[[str], None],
    ending: Callable[[], None],
    worker: Worker | None,
    settings: ServeSettings,
    certificates: Certificates | None,
) -> None:
    shared = worker is not None
    async with AsyncExitStack() as parts:
        address = await parts.enter_async_context(
            listening(app, host, port, settings.limits, shared, None if certificates is None else certificates.context)
        )
        await parts.enter_async_context(app[SIBLINGS].listening())
        if settings.metrics_listen is not None:
            await parts.enter_async_context(listening(metrics_app(app), *settings.metrics_listen, shared=shared))
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if certificates is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificates.reload)
            watching = asyncio.ensure_future(certificates.watch())
            parts.callback(watching.cancel)
        if worker is not None:
            worker.when_parent_ends(stop.set)
        ready(address)
        app[RUNTIME].read_ahead(import_handlers)
        await until(stop)
        ending()


async def until(stop: asyncio.Event) -> None:
    """Waits for the stop. Meanwhile what is no longer needed is collected, and the memory that this and large answers
    left free goes back to the system."""
    collector = Collector()

    def tidy(is_given_back: bool) -> None:
        collector.collect()
        if is_given_back:
            give_back()

    passed = 0.0
    while not stop.is_set():
        try:
            async with asyncio.timeout(COLLECTED):
                await stop.wait()
        except TimeoutError:
            passed += COLLECTED
            is_given_back = passed >= TIDIED
            await asyncio.to_thread(tidy, is_given_back)
            if is_given_back:
                passed = 0.0
