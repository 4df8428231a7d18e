"""A thread that works in rounds goes on after a failure, says it once, and is named while it lasts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
import pytest

from erstwhile.api.background.background import Background
from erstwhile.api.background.rounds import Rounds

log = logging.getLogger("erstwhile.test")


class Known(Exception):
    pass


class Steps(Rounds):
    """Takes one step a round; the last one ends it."""

    words = "nothing is done"
    known = (Known,)

    def __init__(self, *steps: Callable[[], float], name: str = "steps") -> None:
        super().__init__(name, log)
        self.steps = list(steps)
        self.ended: list[str] = []
        self.done = threading.Event()

    def _round(self) -> float:
        if not self.steps:
            self.done.set()
            return 3_600.0
        return self.steps.pop(0)()

    def _after(self, error: Exception) -> float:
        self.ended.append(str(error))
        return 0.0

    def _end(self) -> None:
        self.ended.append("end")


def throws(error: Exception) -> Callable[[], float]:
    def step() -> float:
        raise error

    return step


def test_it_goes_on_after_a_failure_and_ends_at_once_when_it_is_closed() -> None:
    thread = Steps(lambda: 0.0, throws(ValueError("no")), lambda: 0.0)
    thread.start()
    assert thread.done.wait(30)
    thread.close()  # an hour before the next round
    assert not thread._thread.is_alive() and thread.is_stopping
    assert (thread.ended, thread.failure) == (["no", "end"], None)
    Steps().close()  # one that was never started


def test_a_failure_is_named_until_a_round_ends_well() -> None:
    thread, other = Steps(throws(ValueError("no")), lambda: 5.0), Steps(name="other")
    background = Background()
    background.add(thread)
    background.add(other)
    assert thread.attempt() == 0.0
    assert isinstance(background.failures()["steps"], ValueError)
    assert thread.attempt() == 5.0
    assert background.failures() == {"steps": None, "other": None}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_named_for_good() -> None:
    class Dies(Steps):
        def _after(self, error: Exception) -> float:
            raise RuntimeError("no tidying up either")

    thread, background = Dies(throws(ValueError("no"))), Background()
    background.add(thread)
    thread.start()
    thread._thread.join(30)
    assert str(background.failures()["steps"]) == "no tidying up either"
    thread.close()


def test_the_first_of_failures_in_a_row_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failures = [ValueError("first"), ValueError("second")]
    thread = Steps(*map(throws, failures), lambda: 0.0, throws(Known("away")), lambda: 0.0,
                   throws(psycopg.OperationalError("the database")), throws(OSError("disk")))  # fmt: skip
    while thread.steps:
        thread.attempt()
    assert [(each.getMessage(), each.exc_info is not None) for each in caplog.records] == [
        ("nothing is done", True), ("nothing is done: away", False), ("nothing is done", True),
    ]  # fmt: skip
    assert "first" in caplog.text and "disk" in caplog.text
    assert "second" not in caplog.text and "the database" not in caplog.text
    assert thread.ended == ["first", "second", "away", "the database", "disk"]
