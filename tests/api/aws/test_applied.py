"""Commands and positions that are waited for on the loop."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.read_your_writes import ReadYourWrites
from erstwhile.api.problems import Problem


class _Current(SimpleNamespace):
    """A Directory that comes to a position when it is told."""

    position = 0
    tell: Any = None

    def on_applied(self, tell: Any) -> None:
        self.tell = tell

    def come_to(self, position: int) -> None:
        self.position = position
        self.tell()


def _applied() -> tuple[ReadYourWrites, _Current]:
    current = _Current()
    return ReadYourWrites(cast(Any, SimpleNamespace(shared_head=None)), cast(Any, current)), current


async def test_a_command_is_over_when_it_is_committed_and_applied() -> None:
    applied, current = _applied()
    outcomes = [applied.expect() for _ in range(3)]

    def write() -> None:
        for number, outcome in enumerate(outcomes):
            outcome.set_result(Committed(number + 1, ()))

    threading.Thread(target=write).start()
    await asyncio.sleep(0.05)
    assert not any(outcome.done() for outcome in outcomes)
    threading.Thread(target=current.come_to, args=(2,)).start()
    assert [(await outcome.future).position for outcome in outcomes[:2]] == [1, 2]
    assert not outcomes[2].done()
    current.come_to(3)
    assert (await outcomes[2].future).position == 3
    late = applied.expect()
    late.set_result(Committed(2, ()))  # it is applied already
    assert (await late.future).position == 2
    await applied.close()


async def test_what_the_writer_raises_is_raised_to_who_waits_and_nobody_else() -> None:
    applied, current = _applied()
    bad, gone, good = (applied.expect() for _ in range(3))
    gone.future.cancel()
    for outcome in (bad, gone):
        outcome.set_exception(ValueError("no"))
    current.come_to(1)
    good.set_result(Committed(1, ()))
    with pytest.raises(ValueError, match="no"):
        await bad.future
    assert (await good.future).position == 1
    await applied.close()


async def test_who_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erstwhile.api.commanding.read_your_writes.WAIT", 0.5)
    applied, current = _applied()
    early, other = applied.expect(), applied.expect()
    early.set_result(Committed(7, ()))
    waiting = asyncio.create_task(applied.reached(1))
    await asyncio.sleep(0.03)
    monkeypatch.setattr("erstwhile.api.commanding.read_your_writes.WAIT", 5.0)
    other.set_result(Committed(8, ()))  # its time is not over when the first's is
    current.come_to(1)
    await waiting
    with pytest.raises(Problem, match="7"):
        await early.future
    assert not other.done()
    with pytest.raises(Problem, match="8"):
        await other.future
    await applied.close()
