"""Conditions on the clock turn at the instants that are told, and at no others."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.history.clock_instants import clock_instants
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.documents import allow

TICK = timedelta(microseconds=1)
COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


def holds(statement: CompiledStatement, instant: datetime) -> bool | None:
    keys: ContextDict = {
        "aws:currenttime": (format_instant(instant),),
        "aws:epochtime": (str(int(instant.timestamp())),),
    }
    return statement.bears_on("x", Context({}, keys, {}))


@given(
    st.sampled_from([f"{quantifier}{family}{each}{end}" for family in ("Date", "Numeric") for each in COMPARISONS
                     for quantifier in ("", "ForAnyValue:") for end in ("", "IfExists")]),
    st.sampled_from(["aws:CurrentTime", "AWS:EpochTime"]),
    st.lists(st.sampled_from(["2026-03-31T12:00:00Z", "2026-03-31T12:00:00.5Z", "1774958400", "1774958400.5", "2026",
                              "never", "1774958401"]), min_size=1, max_size=2),
)  # fmt: skip
def test_between_the_instants_that_are_told_nothing_turns(operator: str, key: str, values: list[str]) -> None:
    (statement,) = compile_document(allow("s3:*", Condition={operator: {key: values}})).statements
    instants, others = clock_instants([statement])
    assert not others
    around = [datetime(2026, 1, 1, tzinfo=UTC), *(datetime(2026, 3, 31, 12, tzinfo=UTC) + timedelta(seconds=n / 4)
              for n in range(-8, 9))]  # fmt: skip
    tried = sorted(
        near for each in [*around, datetime(1999, 1, 1, tzinfo=UTC)] for near in (each - TICK, each, each + TICK)
    )
    for before, after in itertools.pairwise(tried):
        if holds(statement, before) != holds(statement, after):
            assert any(before < each <= after for each in instants), (before, after, instants)


@pytest.mark.parametrize(
    "more",
    [
        {"Condition": {"StringLike": {"aws:CurrentTime": "2026-*"}}},
        {"Condition": {"StringEquals": {"s3:prefix": "${aws:CurrentTime}"}}},
        {"resource": "arn:aws:s3:::bucket/${aws:EpochTime}"},
    ],
)
def test_a_clock_that_is_read_as_text_is_told_apart(more: dict[str, str]) -> None:
    (statement,) = compile_document(allow("s3:*", **more)).statements
    assert clock_instants([statement]) == ([], [statement])


def test_other_conditions_have_no_instants() -> None:
    (statement,) = compile_document(
        allow("s3:*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-03-31T12:00:00Z"}})
    ).statements
    assert clock_instants([statement]) == ([], [])
