"""What is read for a report: each part once, when a section first needs it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property

import msgspec

from erstwhile.api.asking.incident.about import About
from erstwhile.api.asking.over_time.ground import Ground
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.incident.access_key_ids import is_temporary
from erstwhile.domain.incident.calls import Call, CallGroup, Deed, Issued, PlaceGroup
from erstwhile.domain.incident.intents import intent_of
from erstwhile.domain.incident.revocation import Since
from erstwhile.domain.incident.sharing import ENDING, WORTH_READING
from erstwhile.domain.observed.cloudtrail.called_action import plain_action
from erstwhile.projections.incident.calls import (
    MINTING,
    MOST_CALLS,
    MOST_GROUPS,
    calls_of,
    calls_since,
    groups_of,
    issued_as,
    not_translated,
    places_of,
)
from erstwhile.projections.incident.events import DeedReader, deeds_of
from erstwhile.projections.incident.family import Family, family
from erstwhile.projections.incident.records import Records
from erstwhile.projections.incident.whom import Span

_FIRST = ("defence evasion", "credential access", "persistence", "exfiltration", "data access", "execution")
"""Intents whose calls are read before others."""


class Evidence:
    """Of one question. `at`: the instant at which it is asked what still stands."""

    def __init__(self, ground: Ground, about: About, at: datetime, governed: Sequence[str]) -> None:
        self.ground, self.about, self.at = ground, about, at
        self.connection, self.history = ground.connection, ground.history
        self.governed = governed
        window = ground.window
        self.span = Span(begin=window.begin, end=window.end, known_at=window.known_at)
        self.deeds_at = DeedReader(self.connection)
        self.records = Records(self.connection)

    @cached_property
    def family(self) -> Family:
        return family(self.connection, self.history, self.about.whom, self.span, self.governed)

    @cached_property
    def groups(self) -> list[CallGroup]:
        """All calls of the family, counted; those that were commands of governed accounts too."""
        found = groups_of(self.connection, self.family.whom, self.span)[:MOST_GROUPS]
        return found + _groups_of_commands(self.family)

    @cached_property
    def places(self) -> list[PlaceGroup]:
        return places_of(self.connection, self.family.whom, self.span)

    @cached_property
    def calls(self) -> list[Call]:
        """Calls of the family one by one, in order, with the positions of their events."""
        actions = {group.action for group in self.groups}
        first = [action for action in actions if action in MINTING or intent_of(action) in _FIRST]
        found = calls_of(self.connection, self.family.whom, self.span, first)
        meaning = [call for call in found if call.outcome in "cfsx"]
        positions = {
            deed.act.evidence: deed.act.position
            for deed in deeds_of(self.connection, meaning, self.span.known_at)
            if deed.type != "iam.PrincipalSeen"
        }
        placed = [msgspec.structs.replace(call, position=positions.get(call.evidence)) for call in found]
        self.records.read(_worth_reading(placed))
        return sorted(placed, key=lambda call: (call.at, call.record_id))

    @cached_property
    def total(self) -> int:
        """How many calls there are."""
        return sum(group.calls for group in self.groups)

    @cached_property
    def notes(self) -> list[str]:
        """What was not read."""
        notes = []
        if self.family.is_cut:
            notes.append("more credentials were made than are followed: ask about one of them, or a shorter time")
        if len(self.groups) >= MOST_GROUPS:
            notes.append(f"more than {MOST_GROUPS:,} kinds of calls: ask about a shorter time")
        if self.total > MOST_CALLS:
            notes.append(f"of {self.total:,} calls {MOST_CALLS:,} are told one by one: ask about a shorter time")
        return notes

    @cached_property
    def deeds(self) -> list[Deed]:
        """The events of the family, in order."""
        return sorted(self.family.deeds.values(), key=lambda deed: (deed.act.at, deed.act.position or 0))

    @cached_property
    def issued(self) -> dict[str, Issued]:
        """Key → the call that gave it out, of all sessions that are on record."""
        found = {each.access_key: each for each in self.family.issued}
        used = {group.access_key for group in self.groups if is_temporary(group.access_key)}
        if self.about.kind == "access_key":
            used.add(self.about.words)
        before = issued_as(self.connection, sorted(used - found.keys()), self.span.known_at)
        self.records.read([each.call for each in before])
        return found | {each.access_key: each for each in before}

    @cached_property
    def others(self) -> list[Call]:
        """Calls of anybody, until now, by which what was shared may have been taken back."""
        names = {plain_action(call.action) for call in self.calls if not call.error_code} & WORTH_READING
        own = {call.evidence for call in self.calls}
        if not names:
            return []
        span = Span(begin=self.span.begin, end=max(self.at, self.span.end), known_at=self.span.known_at)
        found = [call for call in not_translated(self.connection, sorted(ENDING), span) if call.evidence not in own]
        self.records.read(found)
        return found

    @cached_property
    def principals(self) -> list[EntityKey]:
        """The users and roles that the report is about: whose it is, those whose keys and sessions these are, and those
        that were made."""
        found: dict[EntityKey, None] = {}
        if self.about.key is not None:
            found[self.about.key] = None
        found |= {member.key: None for member in self.family.members.values() if member.key is not None}
        for arn in dict.fromkeys(group.principal for group in self.groups if group.principal):
            found |= dict.fromkeys(key for key in self.history.with_arn(arn) if key[1] in ("user", "role"))
        return list(found)

    def calls_since(self, wanted: Collection[Since]) -> dict[Since, tuple[int, int, datetime | None]]:
        """Calls of keys and principals from instants on, until the one that is asked about."""
        return calls_since(self.connection, wanted, self.at, self.span.known_at)


def _worth_reading(calls: list[Call]) -> list[Call]:
    """The calls in the order in which their records are read."""

    def rank(call: Call) -> int:
        if plain_action(call.action) in WORTH_READING or call.action in MINTING:
            return 0
        if call.outcome != "a":
            return 1
        return 2 if intent_of(call.action) in _FIRST else 3

    return sorted(calls, key=rank)


def _groups_of_commands(found: Family) -> list[CallGroup]:
    return [
        CallGroup(
            access_key=deed.act.access_key, account=deed.account, principal=deed.act.actor, session=deed.act.session,
            action=deed.act.action or deed.type, error_code=error, calls=1, first=deed.act.at, last=deed.act.at,
        )
        for deed, error in found.commanded.values()
    ]  # fmt: skip
