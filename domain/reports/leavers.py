"""People who left, against the last instant at which any credential, session or role of theirs could act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from erstwhile.domain.history.windows import Window
from erstwhile.domain.leavers.leaving import Leaver, leavers
from erstwhile.domain.leavers.people import read_people
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import MalformedOption, Option, ReportKind
from erstwhile.domain.reports.lapses import Told
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.domain.vocabulary.numbers import parse_number

_HOUR = timedelta(hours=1)
PEOPLE = (
    Column("person", "Person"), Column("left_at", "Left at", "instant"), Column("state", "State"),
    Column("last", "Could act until", "instant"), Column("hours_after", "Hours after leaving", "number"),
    Column("in_time", "In time", "boolean"), Column("by", "By"), Column("ended_by", "Ended by", "list"),
    Column("hours_without_records", "Hours without records since", "number"),
    Column("principals", "Principals", "list"), Column("notes", "Notes", "list"),
)  # fmt: skip
WAYS = (
    Column("person", "Person"), Column("kind", "Kind"), Column("name", "Name"), Column("principal", "Principal"),
    Column("from", "From", "instant"), Column("to", "To", "instant"), Column("could_act", "Could act"),
    Column("ended_by", "Ended by", "list"),
)  # fmt: skip
NOTES = (
    "a date without a time means the end of that day, in UTC",
    "users of an identity provider are known by the names of their sessions alone: whether it lets them in is not here",
)


def make(asked: Asked, known: Known) -> Sequence[Section]:
    """Raises MalformedPeople, MalformedOption."""
    within = parse_number(asked.options.get("hours") or "24")
    if within is None or within < 0:
        raise MalformedOption(f"hours must be a number of hours, not {asked.options.get('hours', '')[:40]!r}")
    people = read_people(asked.options["people"])
    gaps: dict[str, list[Window]] = {
        account: [(gap.begin, gap.end) for gap in coverage.gaps] for account, coverage in known.coverage.items()
    }
    found = list(leavers(known.history, people, known.sessions, asked.end, gaps, asked.accounts))
    order = sorted(found, key=lambda each: each.person.line)
    return [
        Section(
            name="people", title="People who left", columns=PEOPLE, rows=_people(order, asked, known, within),
            notes=NOTES,
        ),
        Section(
            name="ways", title="By what they could act", columns=WAYS, rows=_ways(order, known),
            empty="nothing could act for any of them",
        ),
    ]  # fmt: skip


def _people(those: Iterable[Leaver], asked: Asked, known: Known, within: int) -> Iterator[Row]:
    for each in those:
        after = each.after(asked.end)
        in_time = None if each.state == "nobody" else after is None or after <= within * _HOUR
        if in_time and (each.unrecorded or not each.is_known):
            in_time = None  # what is not known may have lasted longer
        ended = Told(known, each.by.ended_by).words(each.by.ended_by) if each.by is not None else ()
        yield (
            each.person.name, each.person.left_at, each.state, each.last,
            None if after is None else round(after / _HOUR, 2), in_time,
            "" if each.by is None else f"{each.by.kind} {each.by.name} of {each.by.principal}", ended,
            round(each.unrecorded / _HOUR, 2), each.principals, each.notes,
        )  # fmt: skip


def _ways(those: Iterable[Leaver], known: Known) -> Iterator[Row]:
    for each in those:
        told = Told(known, [change for way in each.ways for change in way.ended_by])
        for way in each.ways:
            begin = way.begin if way.begin.year > BEFORE.year else None
            yield (
                each.person.name, way.kind, way.name, way.principal, begin, way.end, way.may, told.words(way.ended_by),
            )  # fmt: skip


KIND = ReportKind(
    name="leavers", title="Leavers",
    question="Until when could any credential, session or role of those who left act, in hours after leaving?",
    about="instant", make=make, controls=("SOC 2 CC6.2", "ISO 27001 A.5.18", "PCI DSS 8.2.5", "NIST AC-2(h)"),
    options=(
        Option(
            name="people", is_file=True, is_required=True,
            help="HR's list as CSV, with the columns person, left_at, and user or session",
        ),
        Option(name="hours", help="within how many hours nothing may act any more", default="24"),
    ),
)  # fmt: skip
