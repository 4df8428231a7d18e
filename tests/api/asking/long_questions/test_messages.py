"""An answer that came as messages is the answer, and what was raised there is raised here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
import pytest

from erstwhile.api.asking.blocks import written
from erstwhile.api.asking.long_questions import messages
from erstwhile.api.asking.long_questions.messages import AnswerFailed, message_of, messages_of, pieces_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.problems import Problem
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts, TooMuch


def pieces(count: int) -> Pieces:
    items: Iterable[dict[str, Any]] = ({"number": number, "text": "é\n,]" * number} for number in range(count))
    return Pieces({"z": 1, "a": None}, "differences", iter(items), lambda: {"unclear": ["x"], "decided": count})


def sent(answer: Pieces) -> Pieces:
    return pieces_of(iter(list(messages_of(answer))).__next__)


@pytest.mark.parametrize("together", [1, 40, 10**9])
@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_an_answer_is_the_same(count: int, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_TOGETHER", together)
    assert b"".join(written(sent(pieces(count)).to_write())) == b"".join(written(pieces(count).to_write()))
    assert list(sent(pieces(count)).lines()) == list(pieces(count).lines())
    assert sent(pieces(count)).whole() == pieces(count).whole()


def raised(error: Exception) -> Exception:
    with pytest.raises(Exception) as found:  # noqa: PT011 - which one it is, is what is looked at
        pieces_of(lambda: message_of(error))
    return found.value


def test_problems_are_raised_as_they_are() -> None:
    found = raised(Problem(404, "unknown_account", "no such account", existed=[1]))
    assert isinstance(found, Problem)
    assert (found.status, found.code, found.detail, found.members) == (
        404, "unknown_account", "no such account", {"existed": [1]},
    )  # fmt: skip
    for too_much in (TooMuch("ask about less"), TooManyParts("ask about less")):
        assert isinstance(raised(too_much), TooMuch) and str(raised(too_much)) == "ask about less"
    assert isinstance(raised(psycopg.OperationalError("gone")), psycopg.OperationalError)


def test_a_fault_comes_with_its_traceback() -> None:
    try:
        raise KeyError("a fault")
    except KeyError as error:
        found = raised(error)
    assert isinstance(found, AnswerFailed)
    assert "test_a_fault_comes_with_its_traceback" in str(found) and "KeyError: 'a fault'" in str(found)


def test_what_ends_in_the_middle_is_raised_where_it_ends() -> None:
    said = [*list(messages_of(pieces(2)))[:-1], message_of(TooMuch("later"))]
    answer = pieces_of(iter(said).__next__)
    assert next(answer.items)["number"] == 0
    with pytest.raises(TooMuch, match="later"):
        list(answer.items)
