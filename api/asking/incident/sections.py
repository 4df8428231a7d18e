"""The sections of a report, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from erstwhile.api.asking.incident.credentials import credentials, places
from erstwhile.api.asking.incident.evidence import Evidence
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arns_of
from erstwhile.domain.history.windows import Window
from erstwhile.domain.incident.calls import Call, Deed
from erstwhile.domain.incident.closing import closing
from erstwhile.domain.incident.could import Reached, against, could, reached
from erstwhile.domain.incident.deeds import did
from erstwhile.domain.incident.parts import Section
from erstwhile.domain.incident.persistence import persistence, without_line
from erstwhile.domain.incident.report import (
    Closing,
    Credential,
    Did,
    Left,
    Measure,
    Openness,
    Persistence,
    Revocation,
    Tampering,
    Timeline,
    Watch,
    Whose,
)
from erstwhile.domain.incident.report_of_access import Could, CouldAgainstDid, CouldDid, ThroughReach
from erstwhile.domain.incident.revocation import is_over, measures, openness
from erstwhile.domain.incident.sharing import shared
from erstwhile.domain.incident.through_reach import through_reach
from erstwhile.domain.incident.timeline import MOST, timeline
from erstwhile.domain.incident.watch import MAKING, made_name, tampering_words, target_of
from erstwhile.domain.observed.cloudtrail.called_action import plain_action
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant

MOST_PRINCIPALS = 8
"""Principals of which the report says what they could do."""
_FOLLOWS = timedelta(hours=1)
"""A gap between records begins with an hour: one that begins within this time after a call may have been made by it."""
_ENDS = timedelta(minutes=5)
"""Where the records end within this time after a call, it may have ended them."""
_UNKNOWN_REACH = "no user or role of it is known: whom it could have become is not known"
_PROPAGATION = "a change may take some seconds to come into force everywhere in AWS"
_BY_NAME = "recorded calls are mapped to actions by name; trails record data events only where they are told to"
_MOST_NAMED = 10
_SHARED_NOTE = (
    "whether a shared snapshot, a function or a machine was deleted by others is not looked for: only whether what was "
    "shared was taken back"
)


SECTIONS = (
    "whose", "did", "persistence", "watch", "revocation", "closing", "could", "could_against_did", "timeline", "reach",
)  # fmt: skip
"""The names of the sections, in order."""


class Report:
    """`without_records`: when no record tells of the account whose credentials these are; `cautions`: what is not known
    of the instant that is asked about."""

    def __init__(self, evidence: Evidence, without_records: list[Window], cautions: tuple[str, ...]) -> None:
        self._evidence = evidence
        self._without_records = without_records
        self._cautions = cautions

    def sections(self, wanted: Sequence[str] = ()) -> Iterator[Section]:
        """In order, each as soon as it is made; all of them where none is wanted."""
        for name in SECTIONS:
            if not wanted or name in wanted:
                made: Section = getattr(self, name)()
                yield made

    @cached_property
    def credentials(self) -> list[Credential]:
        # The calls' records tell when sessions end.
        assert self._evidence.calls is not None
        return credentials(self._evidence)

    def whose(self) -> Whose:
        about = self._evidence.about
        notes = [*about.notes, *self._evidence.notes]
        if not self._evidence.groups:
            notes.append("no call of it is on record in this time")
        return Whose(
            principal=about.principal, unique_id=about.unique_id, account=about.account,
            account_by_form=about.account_by_form, credentials=tuple(self.credentials),
            places=tuple(places(self._evidence)), notes=tuple(notes),
        )  # fmt: skip

    @cached_property
    def _reached(self) -> dict[str | EntityKey, tuple[Reached, ...]]:
        """By user or role; the account's root by its ARN."""
        span = self._evidence.span
        asked: list[str | EntityKey] = [*self._evidence.principals[:MOST_PRINCIPALS]]
        if self._evidence.about.principal.endswith(":root"):
            asked.insert(0, self._evidence.about.principal)
        return {each: tuple(reached(self._evidence.history, each, span.begin, span.end)) for each in asked}

    def _name(self, asked: str | EntityKey) -> str:
        """The ARN that a principal had last."""
        if isinstance(asked, str):
            return asked
        arns = arns_of(self._evidence.history, asked)
        return arns[-1] if arns else asked[2]

    def could(self) -> Could:
        found = [
            could(periods, self._name(each), "" if isinstance(each, str) else each[2], self._evidence.deeds_at)
            for each, periods in self._reached.items()
        ]
        notes = ["what policies of resources allow it in addition, and session policies, are not in this list"]
        if not found:
            notes = ["no policies of it are known: what it could do is not known"]
        left_out = len(self._evidence.principals) - MOST_PRINCIPALS
        if left_out > 0:
            notes.append(f"{left_out} more principals are left out: ask about one of them")
        return Could(principals=tuple(found), notes=tuple(notes))

    def reach(self) -> ThroughReach:
        """Of those of whom the report says what they could do, the one that was asked about first. It is the slowest
        section, and comes last."""
        if not self._reached:
            return ThroughReach(lines=(), notes=(_UNKNOWN_REACH,))
        found = through_reach(self._evidence.history, [each for own in self._reached.values() for each in own])
        left_out = len(self._evidence.principals) - MOST_PRINCIPALS
        more = (f"{left_out} more principals are left out: ask about one of them",) if left_out > 0 else ()
        return ThroughReach(lines=found.lines, notes=(*found.notes, *more))

    def could_against_did(self) -> CouldAgainstDid:
        lines: list[CouldDid] = []
        for each, periods in self._reached.items():
            own = [each] if isinstance(each, str) else arns_of(self._evidence.history, each)
            groups = [group for group in self._evidence.groups if group.principal in own]
            lines += against(self._name(each), periods, groups)
        return CouldAgainstDid(
            lines=tuple(lines),
            notes=(_BY_NAME,) if lines else (),
        )  # fmt: skip

    def did(self) -> Did:
        evidence = self._evidence
        issued = [each for each in evidence.issued.values() if each.access_key in evidence.family.members]
        return did(
            evidence.groups, evidence.calls, evidence.records, issued, evidence.about.account, evidence.total
        )  # fmt: skip

    def persistence(self) -> Persistence:
        return self._persistence

    @cached_property
    def _without_line(self) -> list[Deed]:
        """The removals that have no line."""
        return without_line(self._evidence.history, self._evidence.deeds)

    @cached_property
    def _persistence(self) -> Persistence:
        evidence = self._evidence
        lines = persistence(evidence.history, evidence.deeds, evidence.at, evidence.deeds_at)
        own = frozenset(call.evidence for call in evidence.calls)
        calls = sorted([*evidence.calls, *evidence.others], key=lambda call: (call.at, call.record_id))
        more = shared(calls, evidence.records, own)
        found: list[Left] = sorted([*lines, *more], key=lambda each: (each.act.at, each.act.position or 0))
        notes = [*self._cautions, *([_SHARED_NOTE] if more else [])]
        if any(each.sure == "by_name" for each in found):
            notes.append("lines marked by_name are about a name: no record told the unique id of who had it")
        notes += _removals(self._without_line)
        standing = sum(each.stands in ("stands", "unknown") for each in found)
        return Persistence(lines=tuple(found), standing=standing, notes=tuple(notes))

    def watch(self) -> Watch:
        evidence = self._evidence
        made = {
            text
            for call in evidence.calls
            if plain_action(call.action) in MAKING and not call.error_code
            for text in made_name(evidence.records(call.evidence))
        }
        found = [self._tampering(call, made) for call in evidence.calls if tampering_words(call.action)]
        return Watch(tampering=tuple(found))

    def _tampering(self, call: Call, made: set[str]) -> Tampering:
        target = target_of(self._evidence.records(call.evidence))
        gap = None if call.error_code else self._gap_after(call.at)
        return Tampering(
            act=call.act(), words=tampering_words(call.action), target=target, error_code=call.error_code,
            is_own=bool(target) and target in made, without_records_from=None if gap is None else _known(gap[0]),
            without_records_to=None if gap is None else _known(gap[1]),
        )  # fmt: skip

    def _gap_after(self, at: datetime) -> Window | None:
        """The time without records that began soon after a call."""
        for begin, end in self._without_records:
            if begin > BEFORE and at <= begin <= at + (_ENDS if end == FOREVER else _FOLLOWS):
                return begin, end
        return None

    @cached_property
    def _measures(self) -> list[Measure]:
        evidence = self._evidence
        firsts = [each.first_call for each in self.credentials if each.first_call is not None]
        begin = min(firsts, default=evidence.span.begin)
        return measures(
            evidence.history, evidence.principals, self.credentials, begin, evidence.at, evidence.deeds_at,
            evidence.calls_since,
        )  # fmt: skip

    @cached_property
    def _openness(self) -> list[Openness]:
        evidence = self._evidence
        # A user for whom only a key was made had its password before: that is no part of the incident.
        made = (member for member in evidence.family.members.values() if not member.access_key and not member.session)
        with_password = [member.key for member in made if member.key is not None]
        if evidence.about.kind == "principal" and evidence.about.key is not None:
            with_password.append(evidence.about.key)
        return openness(evidence.history, self.credentials, with_password, evidence.at)

    def revocation(self) -> Revocation:
        return Revocation(
            measures=tuple(self._measures), credentials=tuple(self._openness),
            is_over=is_over(self._openness, self._persistence.standing, len(self._without_line)),
            notes=(*([_PROPAGATION] if self._measures else []), *self._cautions, *_removals(self._without_line)),
        )  # fmt: skip

    def timeline(self) -> Timeline:
        span = self._evidence.span
        made = [
            each.made for each in self.credentials if each.made is not None and span.begin <= each.made.at < span.end
        ]
        entries = timeline(self._evidence.calls, self._evidence.deeds, self._measures, made)
        notes = [*self._evidence.notes]
        if len(entries) > MOST:
            notes.append(f"the first {MOST:,} lines of {len(entries):,}: ask about a shorter time")
        return Timeline(entries=tuple(entries[:MOST]), notes=tuple(notes))

    def closing(self) -> Closing:
        commands = closing(self._openness, self._persistence.lines, self._evidence.at)
        notes = ["nothing here runs these commands: read each before you do"]
        if any("aws:TokenIssueTime" in each.command for each in commands):
            begun = f"sessions that begin after {format_instant(self._evidence.at)} go on"
            notes.append(f"{begun}: write the time of the run into aws:TokenIssueTime")
        return Closing(commands=tuple(commands), notes=tuple(notes))


def _removals(deeds: Sequence[Deed]) -> list[str]:
    """Notes of removals that have no line, by action."""
    by_action: dict[str, list[Deed]] = {}
    for each in deeds:
        by_action.setdefault(each.act.action or each.type, []).append(each)
    return [
        f"{action} removed what no record had shown, and whether it was put back is not known; it has no line: "
        + ", ".join(f"{each.act.evidence or each.act.position}" for each in of_action[:_MOST_NAMED])
        + (f" and {len(of_action) - _MOST_NAMED} more" if len(of_action) > _MOST_NAMED else "")
        for action, of_action in by_action.items()
    ]


def _known(at: datetime) -> datetime | None:
    return None if at == FOREVER else at
