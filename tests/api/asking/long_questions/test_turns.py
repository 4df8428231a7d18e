"""Turns: so much at once, the others in order, and nobody waits for what is not wanted any more."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from erstwhile.api.asking.long_questions.turns import Turns
from erstwhile.api.asking.over_time.stopping import Stop, Stopped
from tests.support.waiting import LONG, wait_until


class Waiter:
    """Takes a turn, and keeps it until it is told to go."""

    def __init__(self, turns: Turns, had: list[str], name: str) -> None:
        self.stop = Stop()
        self._turns, self._had, self._name = turns, had, name
        self._go = threading.Event()
        self.is_stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._turns.turn(self.stop):
                self._had.append(self._name)
                self._go.wait(LONG)
        except Stopped:
            self.is_stopped = True

    def end(self) -> None:
        self._go.set()
        self._thread.join(LONG)
        assert not self._thread.is_alive()


def test_the_first_that_came_is_the_first_that_has_its_turn() -> None:
    turns, had = Turns(2), list[str]()
    waiters: list[Waiter] = []
    for name in "abcde":
        waiters.append(Waiter(turns, had, name))
        wait_until(lambda: turns.running + turns.waiting == len(waiters))
    assert (turns.running, turns.waiting) == (2, 3)
    for had_turns, waiter in zip((2, 3, 4, 5, 5), waiters, strict=True):
        wait_until(partial(lambda count: len(had) == count, had_turns))
        waiter.end()
    assert had[2:] == ["c", "d", "e"] and set(had[:2]) == {"a", "b"}
    assert (turns.running, turns.waiting) == (0, 0)


def test_who_does_not_want_it_any_more_leaves_the_queue() -> None:
    turns, had = Turns(1), list[str]()
    first = Waiter(turns, had, "first")
    wait_until(lambda: turns.running == 1)
    gone = Waiter(turns, had, "gone")
    wait_until(lambda: turns.waiting == 1)
    last = Waiter(turns, had, "last")
    wait_until(lambda: turns.waiting == 2)
    gone.stop.call_off()
    wait_until(lambda: gone.is_stopped)
    assert turns.waiting == 1
    first.end()
    wait_until(lambda: had == ["first", "last"])
    last.end()
    assert (turns.running, turns.waiting) == (0, 0)


def test_what_was_called_off_before_has_no_turn() -> None:
    turns, stop = Turns(1), Stop()
    stop.call_off()
    with pytest.raises(Stopped), turns.turn(stop):
        raise AssertionError("it had its turn")
    assert turns.running == 0


def test_a_turn_ends_with_what_is_raised_in_it() -> None:
    turns = Turns(1)
    with pytest.raises(KeyError), turns.turn(Stop()):
        raise KeyError
    with turns.turn(Stop()):
        assert turns.running == 1
