"""What the events and calls of a window did that somebody should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby

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
from erstwhile.domain.detections.tampering import tampering
from erstwhile.domain.detections.touched import opens, rows_of
from erstwhile.domain.history.replayed import events_between
from erstwhile.domain.incident.watch import TAMPERING_CALLS
from erstwhile.projections.incident.whom import Span
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
            telling = TellsFindings(ground.telling.events, found)
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
    history, window = ground.history, ground.window
    turning: list[tuple[datetime, list[int]]] = []
    events = [each for each in events_between(history, window.begin, window.end) if each[1] > after]
    for at, some in groupby(_acts(ground, events), key=lambda each: each[0]):
        positions: list[int] = []
        for _, position in some:
            rows = rows_of(history, position, at)
            yield from new_administrators(history, at, position, rows, hours, account)
            yield from exposures(history, at, position, rows, account)
            if opens(rows):
                positions.append(position)
        if positions:
            turning.append((at, positions))
    if len(turning) > MOST_STATES:
        notes.append(
            f"paths to administrator were looked for at the first {MOST_STATES} of {len(turning):,} changes: ask about "
            "a window that begins later for the others"
        )
    yield from opened_paths(history, turning[:MOST_STATES], account, stop.check)


def _acts(ground: Ground, events: Sequence[tuple[datetime, int]]) -> Iterator[tuple[datetime, int]]:
    """Without the listings: what a listing shows was there before it. What came since the one before is told beside it
    by events of its own."""
    for start in range(0, len(events), _TOGETHER):
        some = events[start : start + _TOGETHER]
        ground.telling.events.read(position for _, position in some)
        for at, position in some:
            event = ground.telling.events.get(position)
            if event is None or event["event"] not in _LISTINGS:
                yield at, position


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
