"""Runs work on threads beside the event loop, with a deadline: calls that wait for the database, or compute long.

Each kind of work has threads of its own, so that quick work never queues behind calls to a database that does not
answer. The threads are daemons: one that waits for ever keeps no process alive.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

from erstwhile.api.problems import Problem

P = ParamSpec("P")
T = TypeVar("T")
LOOK = 1.0
"""Seconds between two checks whether the database is away."""
_Work = tuple[Callable[[], Any], asyncio.Future[Any]]


class Apart:
    """Threads that are started when they are first needed.

    `around`: makes another call of each, which traces it; takes what the call waits for, and the call.
    """

    around: ClassVar[Callable[[str, Callable[[], Any]], Callable[[], Any]] | None] = None

    def __init__(
        self, name: str, threads: int, waiting: int, seconds: float, is_away: Callable[[], bool] = lambda: False
    ) -> None:
        """`waiting`: how many calls may wait for a thread; `seconds`: how long a caller waits for the result;
        `is_away`: whether what the calls need is away, so that waiting is useless."""
        self._is_away = is_away
        self._name = name
        self._most = threads
        self._waiting = waiting
        self._seconds = seconds
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The call's result. Raises Problem 503 when too many calls wait already, or when this one takes too long."""
        loop = asyncio.get_running_loop()
        if self._is_away():
            raise self._away()
        if self._under_way >= self._most + self._waiting:
            raise Problem(503, "busy", f"too many calls wait for {self._name} already; come again")
        future: asyncio.Future[T] = loop.create_future()
        self._under_way += 1
        work: Callable[[], T] = lambda: call(*args, **kwargs)  # noqa: E731
        self._queue.put((work if Apart.around is None else Apart.around(self._name, work), future))
        if len(self._threads) < min(self._most, self._under_way):
            thread = threading.Thread(target=self._serve, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        patience = _Patience(self, loop, future, loop.time() + self._seconds)
        try:
            return await future
        finally:
            patience.end()

    @property
    def under_way(self) -> int:
        """Calls that are worked on, or wait."""
        return self._under_way

    def given_up(self, is_late: bool) -> Problem | None:
        """Why a caller need not wait any longer; None where it has to. `is_late`: it has waited as long as one may."""
        if self._is_away():
            return self._away()
        if is_late:
            return Problem(503, "timeout", f"{self._name} gave no answer within {self._seconds:g} seconds; come again")
        return None

    def _away(self) -> Problem:
        return Problem(503, "database_unavailable", f"{self._name} does not answer; come again")

    def _serve(self) -> None:
        while (work := self._queue.get()) is not None:
            call, future = work
            loop = future.get_loop()
            if future.done():  # nobody waits for it any more
                self._tell(loop, future, None, None)
                continue
            try:
                found, error = call(), None
            except BaseException as raised:  # noqa: BLE001 - the waiting caller must learn of any error
                found, error = None, raised
            self._tell(loop, future, found, error)
            del call, future, work, found, error  # a waiting thread keeps nothing alive

    def _tell(
        self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], found: Any, error: BaseException | None
    ) -> None:
        try:
            loop.call_soon_threadsafe(self._end, future, found, error)
        except RuntimeError:
            pass  # the loop has ended, and its callers with it

    def _end(self, future: asyncio.Future[Any], found: Any, error: BaseException | None) -> None:
        self._under_way -= 1
        if future.done():
            return
        if error is None:
            future.set_result(found)
        elif isinstance(error, StopIteration):
            future.set_exception(RuntimeError(f"a call raised StopIteration: {error}"))
        else:
            future.set_exception(error)

    def close(self) -> None:
        """Ends each thread once it has finished its work."""
        for _ in self._threads:
            self._queue.put(None)


class _Patience:
    """Looks now and then whether a caller still has to wait, and ends its waiting."""

    __slots__ = ("_apart", "_future", "_handle", "_loop", "_until")

    def __init__(
        self, apart: Apart, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], until: float
    ) -> None:
        self._apart = apart
        self._loop = loop
        self._future = future
        self._until = until
        self._handle = self._next()

    def _next(self) -> asyncio.TimerHandle:
        return self._loop.call_at(min(self._loop.time() + LOOK, self._until), self._look)

    def _look(self) -> None:
        if self._future.done():
            return
        problem = self._apart.given_up(self._loop.time() >= self._until)
        if problem is None:
            self._handle = self._next()
        else:
            self._future.set_exception(problem)

    def end(self) -> None:
        self._handle.cancel()
