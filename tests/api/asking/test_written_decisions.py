"""Decisions are written once, and what was written goes soon after its decision."""

from __future__ import annotations

import orjson

from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.written_decisions import WrittenDecisions
from erstwhile.domain.policy.inputs.request import Decision, Determining

READ = Determining(effect="Allow", policy="inline:read", statement=0, sid="Read", path=("user/ada", "inline:read"))


def _decision(number: int) -> Decision:
    return Decision(effect="implicit_deny", blocked_by=(str(number),))


def _words(written: WrittenDecisions, decision: Decision) -> list[str]:
    blocked: list[str] = orjson.loads(written.of(decision) + b"}}")["context"]["blocked_by"]
    return blocked


def test_a_written_decision_is_the_beginning_of_the_answer_and_is_written_once() -> None:
    written = WrittenDecisions()
    for decision in (Decision(effect="allow", determining=(READ,)), _decision(1)):
        first = written.of(decision)
        assert orjson.loads(first + b"}}") == {"decision": decision.allowed, "context": decision_json(decision)}
        assert written.of(decision) is first


def test_of_many_decisions_each_keeps_its_own_text() -> None:
    """However many are kept and however often their addresses in memory come again."""
    written = WrittenDecisions(most=10)
    for number in range(100):
        assert _words(written, _decision(number)) == [str(number)]


def test_what_nobody_else_has_is_not_kept() -> None:
    written, living = WrittenDecisions(least=10), [_decision(number) for number in range(6)]
    first = [written.of(each) for each in living]
    for number in range(1_000):
        assert _words(written, _decision(number)) == [str(number)]
        assert len(written) <= 12, "twice those that are in use"
    assert all(written.of(each) is text for each, text in zip(living, first, strict=True))


def test_those_in_use_are_kept_up_to_the_limit() -> None:
    written, living = WrittenDecisions(least=2, most=50), [_decision(number) for number in range(50)]
    first = [written.of(each) for each in living]
    assert len(written) == 50
    assert all(written.of(each) is text for each, text in zip(living, first, strict=True))
    others = [_decision(number) for number in range(1_000)]
    for each in others:
        assert _words(written, each) == list(each.blocked_by)
        assert len(written) <= 50
