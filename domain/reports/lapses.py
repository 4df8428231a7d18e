"""The sections that reports about attestations have in common: hours, breaks, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from erstwhile.domain.attestation.attest import Attestation
from erstwhile.domain.attestation.condition import Ground, Lapse
from erstwhile.domain.attestation.wording import hours, sentence_of
from erstwhile.domain.history.fact_changes import CLOCK, FactChange
from erstwhile.domain.history.windows import Window
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.vocabulary.instants import BEFORE

_TOGETHER = 1_024
HOURS = (
    Column("account", "Account"), Column("verdict", "Verdict"), Column("summary", "Summary"),
    Column("hours_held", "Hours held", "number"), Column("hours_known", "Hours known", "number"),
    Column("hours_broken", "Hours broken", "number"), Column("hours_unknown", "Hours unknown", "number"),
    Column("breaks", "Breaks", "number"),
)  # fmt: skip
LAPSES = (
    Column("account", "Account"), Column("subject", "Subject"), Column("why", "Why"),
    Column("from", "From", "instant"), Column("to", "To", "instant"), Column("begun_by", "Begun by", "list"),
    Column("ended_by", "Ended by", "list"), Column("exception", "Exception"),
)  # fmt: skip


def ground_of(asked: Asked, known: Known) -> tuple[Ground, dict[str, list[Window]]]:
    """What conditions are asked about, and the times without records of each account."""
    assert asked.begin is not None
    ground = Ground(
        history=known.history, begin=asked.begin, end=asked.end, accounts=frozenset(asked.accounts),
        uses=known.credential_uses, progress=asked.progress,
    )  # fmt: skip
    return ground, {
        account: [(gap.begin, gap.end) for gap in coverage.gaps] for account, coverage in known.coverage.items()
    }


def hours_row(account: str, found: Attestation) -> Row:
    """The row of all accounts (named otherwise) or of one."""
    tally, breaks = found.tally, len(found.tally.broken)
    for each in found.accounts:
        if each.account == account:
            tally, breaks = each.tally, len(each.tally.broken)
    return (
        account, tally.verdict.replace("_", " "), sentence_of(tally, breaks), hours(tally.held), hours(tally.known),
        hours(tally.known - tally.held), hours(tally.whole - tally.known), breaks,
    )  # fmt: skip


def hours_section(found: Attestation) -> Section:
    """The period in hours, of each account and of all together."""
    rows = [hours_row(each.account, found) for each in found.accounts]
    if len(rows) > 1:
        rows.insert(0, hours_row("all", found))
    return Section(name="hours", title="The period in hours", columns=HOURS, rows=rows, notes=found.doubts)


def lapse_sections(found: Attestation, known: Known, kind: str) -> list[Section]:
    """What broke the conditions, and what is not known. `kind`: under which exceptions are found."""
    broken = [each for each in found.lapses if each.standing == "broken"]
    unknown = [each for each in found.lapses if each.standing == "unknown"]
    return [
        Section(
            name="breaks", title="Breaks", columns=LAPSES, rows=lapse_rows(broken, known, kind),
            empty="nothing broke it in what is known",
        ),
        Section(
            name="unknown", title="Not known", columns=LAPSES, rows=lapse_rows(unknown, known, kind),
            empty="nothing, but for the times without records",
        ),
    ]  # fmt: skip


def lapse_rows(lapses: Sequence[Lapse], known: Known, kind: str) -> Iterator[Row]:
    """A row for each; their events are read together, and the next while these become rows."""
    for place in range(0, len(lapses), _TOGETHER):
        some = lapses[place : place + _TOGETHER]
        # Thousands of events that stay, and form no cycles.
        with without_collector():
            told = Told(known, _changes_of(some))
        known.happenings.expect(_positions_of(_changes_of(lapses[place + _TOGETHER : place + 2 * _TOGETHER])))
        for each in some:
            excepted = known.exceptions.of(kind, each.account, each.subject)
            yield (
                each.account, each.subject, each.why, each.begin if each.begin > BEFORE else None, each.end,
                told.words(each.begun_by), told.words(each.ended_by),
                "" if excepted is None else f"{excepted.owner}: {excepted.reason}",
            )  # fmt: skip


def _changes_of(lapses: Iterable[Lapse]) -> Iterator[FactChange]:
    return (change for each in lapses for change in (*each.begun_by, *each.ended_by))


def _positions_of(changes: Iterable[FactChange]) -> set[int]:
    """Of the events that made them."""
    return {each.position for each in changes if each.position}


class Told:
    """Changes in words, by the events that made them."""

    def __init__(self, known: Known, changes: Iterable[FactChange]) -> None:
        self._events = known.happenings.read(_positions_of(changes))

    def words(self, changes: Iterable[FactChange]) -> tuple[str, ...]:
        """`@31 iam:CreatePolicyVersion by arn:…`; each event once."""
        return tuple(dict.fromkeys(map(self._word, changes)))

    def _word(self, change: FactChange) -> str:
        event = self._events.get(change.position)
        if event is None:
            return "the clock" if change.layer == CLOCK else f"@{change.position}" if change.position else change.layer
        return f"@{event.position} {event.action or event.type}" + (f" by {event.actor}" if event.actor else "")
