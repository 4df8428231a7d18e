"""A difference that concerns many principals may be refused, before anybody is compared."""

from __future__ import annotations

import pytest

from erstwhile.domain.history.comparing.concerned import Concerned
from erstwhile.domain.history.diff import ManyConcerned, diff
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from tests.support.comparing import crowd
from tests.support.examples import examples
from tests.support.random_history import instant

BEFORE, AFTER = instant(2), instant(9)


def concerned(history: IntervalHistory, account: str | None, few: int | None = None) -> Concerned:
    sides = ((each, directory_at(history, each)) for each in (BEFORE, AFTER))
    return Concerned(history, *sides, account=account, few=few)


@pytest.mark.parametrize("seed", range(examples(60, 6)))
def test_there_are_many_where_more_than_a_few_are_concerned_and_no_sooner(seed: int) -> None:
    history = crowd(seed)
    for account in (None, *sorted({account for account, _ in history.kinds()})[:2]):
        count = len(list(concerned(history, account).keys(account)))
        assert not concerned(history, account, few=count).are_many
        assert concerned(history, account, few=0).are_many == (count > 0)


def test_the_answer_is_the_same_where_they_are_few() -> None:
    history = crowd(1)
    with pytest.raises(ManyConcerned):
        diff(history, BEFORE, AFTER, few=0)
    assert diff(history, BEFORE, AFTER, few=1_000) == diff(history, BEFORE, AFTER)


def test_one_principal_is_compared_whoever_else_is_concerned() -> None:
    history = crowd(1)
    principal = diff(history, BEFORE, AFTER).differences[0].principal
    assert diff(history, BEFORE, AFTER, principal=principal, few=0).differences
