"""A decision about the past begins at the log's head as it was seen last, and asks the database once; what came since
is seen all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from erstwhile.api.asking import questions, under_way
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.problems import Problem
from erstwhile.projections.answer_ground import AnswerGround, asked_ground
from tests.support.imports import Imports
from tests.support.sent_statements import statements
from tests.support.snapshots import ACCOUNT, ADA, FIRST, SECOND, THIRD, entity, listing, reader

__all__ = ["statements"]

OBJECT = "arn:aws:s3:::ledger/a"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


def decision(imports: Imports, principal: str = ADA) -> dict[str, Any]:
    return imports.service.questions.can(principal, "s3:GetObject", OBJECT, as_of=SECOND)


def test_one_statement_is_enough(imports: Imports, statements: list[str]) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    first = decision(imports)
    assert first["effect"] == "allow" and first["determining"][0]["granted"]["event"] == "iam.EntityListed"
    statements.clear()
    assert decision(imports) == first
    assert len(statements) == 1, statements


def test_what_came_meanwhile_is_seen(imports: Imports) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    before = decision(imports)
    with pytest.raises(Problem, match="no principal"):
        decision(imports, BOB)
    replace_ada(imports)
    assert decision(imports, BOB)["effect"] == "allow"
    after = decision(imports)
    assert (before["effect"], after["effect"]) == ("allow", "implicit_deny")
    assert after["known_at"] > before["known_at"]
    imports.snapshot(listing(reader("bob")), THIRD)
    assert decision(imports)["known_at"] > after["known_at"]
    assert imports.service.questions.can(ADA, "s3:GetObject", OBJECT, SECOND, f"@{before['known_at']}") == before


def test_what_comes_before_the_database_looks_is_seen(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    before = decision(imports)
    find = find_subject

    def overtaken(*asked: Any) -> str:
        found = find(*asked)
        monkeypatch.setattr(questions, "find_subject", find)
        replace_ada(imports)
        return found

    monkeypatch.setattr(questions, "find_subject", overtaken)
    after = decision(imports)
    assert (before["effect"], after["effect"]) == ("allow", "implicit_deny")
    assert after["known_at"] > before["known_at"]


def test_what_comes_after_it_looked_is_not_part_of_the_answer(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    before = decision(imports)
    look = asked_ground

    @contextmanager
    def overtaken(*asked: Any) -> Iterator[Callable[[], AnswerGround]]:
        with look(*asked) as looked:
            looked()
            monkeypatch.setattr(under_way, "asked_ground", look)
            replace_ada(imports)
            yield looked

    monkeypatch.setattr(under_way, "asked_ground", overtaken)
    assert decision(imports) == before
    assert decision(imports)["effect"] == "implicit_deny"


def provenance(imports: Imports) -> dict[str, Any]:
    found: dict[str, Any] = imports.service.over_time.provenance(ADA, "s3:GetObject", OBJECT, SECOND, None, Stop())
    return found


def test_by_whose_acts_it_is_so_begins_there_too(imports: Imports, statements: list[str]) -> None:
    imports.snapshot(listing(reader("ada")), FIRST)
    first = provenance(imports)
    assert first["effect"] == "allow" and first["authorities"]
    statements.clear()
    assert provenance(imports) == first
    asked = len(statements)
    imports.service.history.seen_head = 0
    assert provenance(imports) == first
    assert len(statements) == 2 * asked and "max(position)" in statements[0]

    replace_ada(imports)
    after = provenance(imports)
    assert after["effect"] == "implicit_deny" and after["known_at"] > first["known_at"]


def replace_ada(imports: Imports) -> None:
    """Without her policy, and with another reader."""
    imports.snapshot(listing(entity("user", "ada", GroupList=[], UserPolicyList=[]), reader("bob")), FIRST)
