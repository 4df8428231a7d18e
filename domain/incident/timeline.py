"""All of it in order: changes and calls one by one; reading calls of one kind, one after another, as one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from erstwhile.domain.incident.calls import Call, Deed
from erstwhile.domain.incident.intents import intent_of
from erstwhile.domain.incident.parts import Act
from erstwhile.domain.incident.report import Entry, Measure
from erstwhile.domain.observed.cloudtrail.called_action import plain_action

_TOGETHER = ("discovery", "data access")
"""Intents whose calls are told together where nothing else lies between."""
MOST = 2_000
"""Lines."""


def timeline(
    calls: Sequence[Call], deeds: Iterable[Deed], measures: Iterable[Measure], made: Iterable[Act] = ()
) -> list[Entry]:
    """Calls of the credentials, events of theirs that no recorded call tells, what was done against them; and `made`:
    the calls by which others made them."""
    called = {call.evidence for call in calls if call.evidence}
    found = [_of_call(call) for call in calls]
    found += [_of_deed(deed) for deed in deeds if deed.act.evidence not in called or not deed.act.evidence]
    called |= {each.evidence for each in found if each.evidence}
    found += [_of_act(act, act.action, intent_of(act.action)) for act in made if act.evidence not in called]
    told = {each.evidence for each in found if each.evidence}
    found += [_of_measure(each) for each in measures if not each.act.evidence or each.act.evidence not in told]
    return _together(sorted(found, key=lambda each: (each.at, each.position or 0, each.evidence, each.what)))


def _of_call(call: Call) -> Entry:
    return Entry(
        at=call.at, until=call.at, what=plain_action(call.action), intent=intent_of(call.action),
        outcome=call.error_code or "success", actor=call.principal, access_key=call.access_key, session=call.session,
        source_ip=call.source_ip, calls=1, evidence=call.evidence, position=call.position,
    )  # fmt: skip


def _of_deed(deed: Deed) -> Entry:
    action = deed.act.action
    return _of_act(deed.act, action or deed.type, intent_of(action) if action else "change")


def _of_measure(measure: Measure) -> Entry:
    return _of_act(measure.act, f"{measure.act.action or 'event'}: {measure.what}", "response")


def _of_act(act: Act, what: str, intent: str) -> Entry:
    return Entry(
        at=act.at, until=act.at, what=what, intent=intent, outcome="success", actor=act.actor,
        access_key=act.access_key, session=act.session, source_ip=act.source_ip, calls=1, evidence=act.evidence,
        position=act.position,
    )  # fmt: skip


def _together(entries: Iterable[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        if last is not None and _is_alike(last, entry):
            found[-1] = msgspec.structs.replace(last, until=entry.until, calls=last.calls + entry.calls)
        else:
            found.append(entry)
    return found


def _is_alike(last: Entry, entry: Entry) -> bool:
    return (
        entry.intent in _TOGETHER
        and entry.position is None
        and last.position is None
        and (last.what, last.outcome, last.actor, last.access_key, last.source_ip)
        == (entry.what, entry.outcome, entry.actor, entry.access_key, entry.source_ip)
    )
