"""A story, a question, and the timeline that must be the answer, written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.timeline import Span, timeline
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.stories import BEFORE_THE_STORY, NOON, Told, arn, log_of_story, second

END = second(1_000)
EVE = arn("user/eve")
OBJECT = "arn:aws:s3:::bucket/report"


@dataclass(frozen=True)
class Scenario:
    """`events` in the order in which they became known. Each line of `expected` is an interval: the second after noon
    at which it begins (`-inf`: with the first that is known), the effect (`nobody`: no such principal), and what made
    it so: each layer, with the number of its event in `events` (the first is 1)."""

    name: str
    events: tuple[Told, ...]
    expected: tuple[str, ...]
    principal: str | EntityKey = EVE
    action: str = "s3:GetObject"
    resource: str = OBJECT
    resource_account: str | None = "111122223333"
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: tuple[Interval, ...] = ()
    """Intervals that no event makes: what a later listing tells."""


def told(scenario: Scenario) -> tuple[str, ...]:
    """The timeline of a scenario, in the words of its `expected`."""
    log = log_of_story(*scenario.events)
    history = IntervalHistory([*log.intervals(), *scenario.more], len(log.events))
    found = timeline(
        history, scenario.principal, scenario.action, scenario.resource, BEFORE, END,
        resource_account=scenario.resource_account, context=scenario.context,
    )  # fmt: skip
    return tuple(_line(span) for span in found.spans)


def _line(span: Span) -> str:
    causes = dict.fromkeys(
        each.layer if each.position == 0 else f"{each.layer} by {each.position - BEFORE_THE_STORY}"
        for each in sorted(span.causes, key=lambda each: (each.position, each.layer))
    )
    line = f"{_second(span.begin)} {span.effect or 'nobody'}"
    return f"{line}: {', '.join(causes)}" if causes else line


def _second(instant: datetime) -> str:
    return "-inf" if instant == BEFORE else f"{(instant - NOON).total_seconds():g}"
