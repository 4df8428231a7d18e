"""What the reports about controls and leavers say of the story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.database.database import Database
from erstwhile.api.reports.gathering import ReportWords
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.vocabulary.malformed import MalformedInput
from tests.support.records import ACCOUNT
from tests.support.report_stories import PEOPLE, RULES
from tests.support.reports import made, reading, rows, words

USER = f"arn:aws:iam::{ACCOUNT}:user/"


@pytest.fixture(scope="module")
def runtime(told: Database) -> Iterator[ReadingRuntime]:
    with reading(told) as found:
        yield found


def said(runtime: ReadingRuntime, name: str, *columns: str, section: str = "", **more: Any) -> list[tuple[Any, ...]]:
    with made(runtime, name, words(name, **more)) as report:
        return rows(report, *columns, section=section)


UNTIL = "2026-03-03T18:00:00Z"


def test_attestation(runtime: ReadingRuntime) -> None:
    options = {"control": "cis-aws/2.10"}
    hours = said(runtime, "attestation", "account", "verdict", "summary", section="hours", options=options)
    assert hours == [(ACCOUNT, "broken", "held for 0 of 1.49 known hours, 0.5 hours unknown; broken once")]
    breaks = said(
        runtime, "attestation", "subject", "from", "to", "begun_by", "ended_by", section="breaks", options=options
    )
    assert breaks == [
        (f"{USER}=cmd", "2026-03-03T16:00:03Z", UNTIL, [f"@41 iam:CreateLoginProfile by {USER}ada"], []),
        (f"{USER}grace", "2026-03-03T17:00:00Z", UNTIL, ["@48 iam.CredentialsListed"], []),
    ]
    unknown = said(runtime, "attestation", "subject", "to", section="unknown", options=options)
    assert (f"{USER}grace", "2026-03-03T17:00:00Z") in unknown  # no credential report told of her before


def test_what_takes_long_says_how_far_it_is(runtime: ReadingRuntime) -> None:
    own = "frameworks: [{id: own, title: Own, controls: [{id: ESC, title: Paths, conditions: [escalation-within]}]}]"
    asked, moves = words("attestation", options={"control": "own/ESC", "controls": own}), list[tuple[int, int]]()
    with runtime.reports.report("attestation", asked, Stop(), lambda done, in_all: moves.append((done, in_all))):
        assert moves and moves[-1][0] == moves[-1][1] == len(moves)


def test_controls_are_attested_or_answered_by_reports_or_not_computable(runtime: ReadingRuntime) -> None:
    found = said(runtime, "controls", "control", "computable", "verdict", options={"framework": "cis-aws"})
    of = {control.removeprefix("cis-aws/"): told for control, *told in found}
    assert of["2.2"] == ["no", ""] and of["2.7"] == ["by reports", ""] and of["2.8"] == ["yes", "not attestable"]
    verdicts = {verdict: sorted(name for name, told in of.items() if told[1] == verdict) for _, verdict in of.values()}
    assert verdicts["broken"] == ["2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.21", "2.4", "2.5"]
    assert verdicts["held where known"] == ["2.17", "2.20"] and "held" not in verdicts


def test_separation_of_duties(runtime: ReadingRuntime) -> None:
    options = {"rules": RULES}
    [rule] = said(runtime, "separation-of-duties", "rule", "verdict", "summary", options=options)
    assert rule == ("write-and-read", "broken", "held for 0 of 1.5 known hours, 0.49 hours unknown; broken once")
    found = said(runtime, "separation-of-duties", "subject", "sure", section="write-and-read", options=options)
    assert found == [(f"{USER}ada", True), (f"{USER}old-timer", None)]
    with made(runtime, "separation-of-duties", words("separation-of-duties", options=options)) as report:
        assert report.sections[0].notes == (
            "write-and-read: separation-of-duties: no record names a principal user/nobody",
        )  # fmt: skip


def test_leavers(runtime: ReadingRuntime) -> None:
    options = {"people": PEOPLE}
    found = said(
        runtime, "leavers", "person", "state", "hours_after", "in_time", "hours_without_records", options=options
    )
    assert found == [
        ("Grace", "still", 3.0, None, 0.5), ("Bot", "unknown", None, None, 2.5), ("Zoe", "nobody", None, None, 0.0)
    ]  # fmt: skip
    ways = said(runtime, "leavers", "person", "kind", "from", "to", "could_act", section="ways", options=options)
    assert ways == [("Grace", "password", "2026-03-03T17:00:00Z", UNTIL, "yes")]


WRONG = (
    ("attestation", {"control": "2.2"}, "Contact details"),
    ("attestation", {"control": "nothing"}, "there is no control"),
    ("controls", {"framework": "cis"}, "did you mean"),
    ("separation-of-duties", {"rules": "rules: [{name: a, first: {action: b}}]"}, "line 1 of the rules: rule a"),
    ("leavers", {"people": "who\nGrace\n"}, "left_at, user or session are missing"),
    ("leavers", {"people": PEOPLE, "hours": "many"}, "hours must be a number"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "options", "message"), WRONG)
def test_bad_input_is_said(runtime: ReadingRuntime, name: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        said(runtime, name, options=options)


def test_a_period_outside_coverage_is_not_attestable(runtime: ReadingRuntime) -> None:
    asked = ReportWords(begin="2026-03-05T00:00:00Z", end="2026-03-06T00:00:00Z", options={"control": "cis-aws/2.13"})
    with made(runtime, "attestation", asked) as report:
        assert rows(report, "verdict", "hours_held", section="hours") == [("not attestable", 0)]
