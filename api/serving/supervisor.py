"""The parent of a server's workers: it starts them, starts anew the one that ended, and ends all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Sequence

from erstwhile.api.serving.worker import WorkerPlace

log = logging.getLogger("erstwhile.workers")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds until a worker that ended is started anew; each time in a row, twice as many."""
STEADY = 60.0
"""Seconds after which a worker that ended is not counted as one that fails again and again."""
MARGIN = 15.0
"""Seconds that workers have to end beside those in which their calls under way do: for their threads."""

Ready = Callable[[str, list[int]], None]
"""(address, process ids)"""


class Failed(RuntimeError):
    """A worker ended before it listened for the first time; it has said why. `status`: its exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"a worker ended with status {status} before it listened")
        self.status = status


class Supervisor:
    """Runs `count` processes of one command until a signal ends it."""

    def __init__(
        self, command: Sequence[str], count: int, port: int, ready: Ready, ending: Callable[[], None], drain: float
    ) -> None:
        """`command`: started once for each worker, which learns what it is by its environment; `port`: reserved;
        `ready`: hears once that all of them listen; `ending`: that the end begins; `drain`: seconds that they have to
        end."""
        self._command, self._count, self._port, self._ready, self._drain = command, count, port, ready, drain
        self._ending = ending
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Returns after SIGINT or SIGTERM, once all have ended. SIGHUP is handed on. Raises Failed."""
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._send_all, signal.SIGHUP)
        with tempfile.TemporaryDirectory(prefix="erstwhile-workers-") as folder:
            keeping: list[asyncio.Task[None]] = []
            try:
                # The first makes what a new database lacks: keys, the account, its root user's key.
                address = ""
                for number in range(self._count):
                    address = await self._started(number, folder)
                    if not address:
                        return
                    keeping.append(loop.create_task(self._keep(number, folder)))
                self._ready(address, [self._processes[number].pid for number in range(self._count)])
                await self._stop.wait()
            finally:
                self._stop.set()
                await self._end()
                await asyncio.gather(*keeping)

    async def _started(self, number: int, folder: str) -> str:
        """Starts a worker and waits until it listens; returns the address, nothing where the stop came first. Raises
        Failed."""
        ours, theirs = socket.socketpair()
        place = WorkerPlace(
            number=number, count=self._count, descriptor=theirs.fileno(), port=self._port, folder=folder
        )
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *self._command, env={**os.environ, **place.environment()}, pass_fds=[theirs.fileno()]
            )
        self._processes[number] = process
        if self._stop.is_set():  # while it was started: it was not among those that were told to end
            process.terminate()
        reader, writer = await asyncio.open_connection(sock=ours)
        process_ended = asyncio.ensure_future(process.wait())
        # The channel stays open as long as the worker lives: its end would end the worker.
        process_ended.add_done_callback(lambda _: writer.close())
        stopping = asyncio.ensure_future(self._stop.wait())
        line = asyncio.ensure_future(reader.readline())
        await asyncio.wait([line, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not line.done():
            line.cancel()
            return ""
        if not line.result():
            raise Failed(await process_ended)
        return line.result().decode().strip()

    async def _keep(self, number: int, folder: str) -> None:
        """Starts a worker anew each time that it ends, until the stop."""
        loop = asyncio.get_running_loop()
        pause, began = FIRST_PAUSE, loop.time()
        while True:
            status = await self._processes[number].wait()
            if self._stop.is_set():
                return
            if loop.time() - began > STEADY:
                pause = FIRST_PAUSE
            log.error("worker %s (process %s) %s; it is started anew in %g s", number,
                      self._processes[number].pid, _how(status), pause)  # fmt: skip
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stop.wait()
            if self._stop.is_set():
                return
            pause, began = min(2 * pause, LONGEST_PAUSE), loop.time()
            with contextlib.suppress(Failed):  # it ended, which is looked at next
                if await self._started(number, folder):
                    log.warning("worker %s listens again (process %s)", number, self._processes[number].pid)

    def _send_all(self, number: int) -> None:
        for process in self._processes.values():
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)

    async def _end(self) -> None:
        """Has all drain, and kills those that do not end."""
        self._ending()
        self._send_all(signal.SIGTERM)
        waiting = [asyncio.ensure_future(each.wait()) for each in self._processes.values()]
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=self._drain)
        if late:
            log.error("%s workers have not ended within %g s and are killed", len(late), self._drain)
            self._send_all(signal.SIGKILL)
            await asyncio.wait(late)


def _how(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
