"""A difference of one principal reads nothing of others who have the same policies, and tells the same."""

from __future__ import annotations

from functools import partial

import pytest

from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history import diff as diff_module
from erstwhile.domain.history.comparing.concerned import Concerned
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.facts_at import directory_at
from tests.support.comparing import crowd
from tests.support.examples import examples
from tests.support.random_history import instant

BEFORE, AFTER = instant(2), instant(9)


@pytest.mark.parametrize("seed", range(examples(60, 6)))
def test_it_tells_what_it_tells_where_everybody_is_looked_at(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    history = crowd(seed)
    principals = sorted({each.principal for each in diff(history, BEFORE, AFTER).differences})[:20]
    told = [diff(history, BEFORE, AFTER, principal=each) for each in principals]
    of_everybody = partial(Concerned, asks_of_one=False)
    monkeypatch.setattr(diff_module, "Concerned", lambda *arguments, **_: of_everybody(*arguments))
    assert told == [diff(history, BEFORE, AFTER, principal=each) for each in principals]


@pytest.mark.parametrize("seed", range(examples(60, 6)))
def test_what_moved_is_the_same_whoever_is_compared(seed: int) -> None:
    whole, of_one = (_concerned(seed, asks_of_one)[0] for asks_of_one in (False, True))
    assert (list(of_one.moved), list(of_one.limited)) == (list(whole.moved), list(whole.limited))


def test_holders_of_what_changed_are_not_read() -> None:
    def read(asks_of_one: bool) -> int:
        return sum(key[1] in ("group", "policy") for view in _concerned(7, asks_of_one)[1] for key in view.entities)

    assert read(asks_of_one=False) > 0
    assert read(asks_of_one=True) == 0


def _concerned(seed: int, asks_of_one: bool) -> tuple[Concerned, list[DirectoryView]]:
    history = crowd(seed)
    before, after = (directory_at(history, at) for at in (BEFORE, AFTER))
    return Concerned(history, (BEFORE, before), (AFTER, after), asks_of_one=asks_of_one), [before, after]
