"""What the events and calls of a window did that somebody should look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from erstwhile.api.asking.over_time.ground import Ground, Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.told_findings import TellsFindings
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import bad_request
from erstwhile.domain.detections.administrators import new_administrators
from erstwhile.domain.detections.change_hours import ChangeHours, MalformedHours, parse_hours
from erstwhile.domain.detections.escalation import opened_paths
from erstwhile.domain.detections.exposure import exposures
from erstwhile.domain.detections.finding import Finding
from erstwhile.domain.detections.networks import new_networks
from erstwhile.domain.detections.shared_issuers import open_to_shared_issuers
from erstwhile.domain.detections.tampering import tampering
from erstwhile.domain.detections.touched import gives, lets_in, opens, rows_of
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.exceptions.exception import exceptions_of
from erstwhile.domain.history.replayed import events_between
from erstwhile.domain.incident.watch import TAMPERING_CALLS
from erstwhile.projections.happenings import TrailHappenings
from erstwhile.projections.incident.whom import Span
from erstwhile.projections.reports.recorded import recorded_at
from erstwhile.projections.window_calls import MOST_USES, calls_named, first_uses, positions_of_blocks

MOST_STATES = 200
"""Instants of one answer at which paths to administrator are looked for: each is searched for itself."""
_TOGETHER = 500
"""Events that are read together."""
_LISTINGS = ("iam.EntityListed", "iam.PolicyListed", "iam.CredentialsListed", "organizations.OrganizationListed")
MOST_FINDINGS = 10_000
"""Calls against the watch that one answer tells."""


class FindingQuestions(Grounded):
    """Over a window."""

    @contextmanager
    def findings(
        self,
        words: WindowWords,
        stop: Stop,
        *,
        account: str | None = None,
        change_hours: str | None = None,
        after: int = 0,
    ) -> Iterator[Pieces]:
        """The findings of a window, in order of time. `after`: only those that rest on what came to the log after this
        position. Raises Problem."""
        hours = _hours(change_hours)
        with self.ground(words, stop) as ground:
            require_account(ground.last_directory(), account)
            notes = list(ground.window.notes)
            found = [
                *_of_events(ground, account or "", hours, after, stop, notes),
                *_of_calls(ground, account or "", after, notes),
            ]
            known = recorded_at(ground.connection, ground.window.known_at)
            telling = TellsFindings(ground.telling.events, found, exceptions_of(ground.history), known)
            items = (telling.json(each) for each in sorted(found, key=lambda each: each.order))
            head = head_of(ground, {"account": account, "change_hours": change_hours})
            yield Pieces(head, "findings", items, lambda: {"notes": notes})


def _hours(text: str | None) -> ChangeHours | None:
    try:
        return None if text is None else parse_hours(text)
    except MalformedHours as error:
        raise bad_request("malformed_parameter", str(error)) from None


def _of_events(
    ground: Ground, account: str, hours: ChangeHours | None, after: int, stop: Stop, notes: list[str]
) -> Iterator[Finding]:
    history = ground.history
    turning: list[tuple[datetime, list[int]]] = []
    for at, some in groupby(_acts(ground, after), key=lambda each: each.at):
        positions: list[int] = []
        for each in some:
            yield from new_administrators(history, at, each.position, each.rows, hours, account)
            yield from exposures(history, at, each.position, each.rows, account)
            yield from open_to_shared_issuers(history, at, each.position, each.rows, account)
            if opens(each.rows):
                positions.append(each.position)
        if positions:
            turning.append((at, positions))
    if len(turning) > MOST_STATES:
        notes.append(
            f"paths to administrator were looked for at the first {MOST_STATES} of {len(turning):,} changes: ask about "
            "a window that begins later for the others"
        )
    yield from opened_paths(history, turning[:MOST_STATES], account, stop.check)


class _Act(NamedTuple):
    """An event, and the facts that it changed."""

    at: datetime
    position: int
    rows: list[Interval]


def _acts(ground: Ground, after: int) -> Iterator[_Act]:
    """The events of the window that may concern a detection, in order of time, but for the listings: what a listing
    shows was there before it. What came since the one before is told beside it by events of its own."""
    some: list[_Act] = []
    for at, position in events_between(ground.history, ground.window.begin, ground.window.end):
        if position > after:
            rows = rows_of(ground.history, position, at)
            if gives(rows) or opens(rows) or lets_in(rows, position):
                some.append(_Act(at, position, rows))
        if len(some) == _TOGETHER:
            yield from _without_listings(ground, some)
            some = []
    yield from _without_listings(ground, some)


def _without_listings(ground: Ground, some: list[_Act]) -> list[_Act]:
    # Read aside: the events of findings alone are kept.
    events = TrailHappenings(ground.connection).events(each.position for each in some)
    listings = {position for position, event in events.items() if event.event_type in _LISTINGS}
    return [each for each in some if each.position not in listings]


def _of_calls(ground: Ground, account: str, after: int, notes: list[str]) -> list[Finding]:
    span = Span(begin=ground.window.begin, end=ground.window.end, known_at=ground.window.known_at)
    uses = first_uses(ground.connection, span, account)
    if uses.is_cut:
        notes.append(f"keys were used from more than {MOST_USES:,} networks: ask about a shorter window")
    found = list(new_networks(uses.calls, uses.before))
    for count, each in enumerate(tampering(calls_named(ground.connection, TAMPERING_CALLS, span, account))):
        if count == MOST_FINDINGS:
            notes.append(f"more than {MOST_FINDINGS:,} calls touched the watch: ask about a shorter window")
            break
        found.append(each)
    if not after:
        return found
    blocks = {each.call.block for each in found if each.call is not None}
    positions = positions_of_blocks(ground.connection, blocks)
    return [each for each in found if each.call is not None and positions.get(each.call.block, 0) > after]
