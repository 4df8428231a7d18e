"""What was done: calls by session and intent, refused calls, resources that were touched, ways into other accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from erstwhile.domain.incident.calls import Call, CallGroup, Issued, RawRecords
from erstwhile.domain.incident.intents import INTENTS, intent_of
from erstwhile.domain.incident.report import ActionCount, Did, Intention, Pivot, RefusedCalls, SessionDeeds, Touched
from erstwhile.domain.observed.cloudtrail.called_action import plain_action
from erstwhile.domain.observed.cloudtrail.data_events import is_data_event
from erstwhile.domain.observed.cloudtrail.targets import targets_of
from erstwhile.domain.vocabulary.identifiers import account_in

NO_DATA_EVENTS = (
    "no data event of it is on record: either it read and wrote no objects, items or messages, or no trail records "
    "such events"
)


def did(
    groups: Sequence[CallGroup],
    calls: Sequence[Call],
    records: RawRecords,
    issued: Sequence[Issued],
    account: str,
    total: int,
) -> Did:
    """`groups` are of all calls, `total` of them; of `calls`, `records` has some. `account`: whose the credentials
    are."""
    notes = []
    if groups and not any(is_data_event(group.action) for group in groups):
        notes.append(NO_DATA_EVENTS)
    read = [call for call in calls if records(call.evidence) is not None]
    if len(read) < total:
        notes.append(f"the resources are those that {len(read):,} of {total:,} calls named: the others were not read")
    return Did(
        sessions=tuple(_sessions(groups)), refused=tuple(_refused(groups)), touched=tuple(_touched(read, records)),
        pivots=tuple(_pivots(groups, calls, issued, account)), notes=tuple(notes),
    )  # fmt: skip


def _sessions(groups: Iterable[CallGroup]) -> list[SessionDeeds]:
    by_session: dict[tuple[str, str, str], list[CallGroup]] = {}
    for group in groups:
        if not group.error_code:
            by_session.setdefault((group.access_key, group.principal, group.session), []).append(group)
    in_order = sorted(by_session.items(), key=lambda each: (min(group.first for group in each[1]), each[0]))
    return [
        SessionDeeds(access_key=key, principal=principal, session=session, intents=tuple(_intents(own)))
        for (key, principal, session), own in in_order
    ]


def _intents(groups: Iterable[CallGroup]) -> list[Intention]:
    by_intent: dict[str, list[CallGroup]] = {}
    for group in groups:
        by_intent.setdefault(intent_of(group.action), []).append(group)
    return [
        Intention(
            intent=intent, calls=sum(group.calls for group in own), first_call=min(group.first for group in own),
            last_call=max(group.last for group in own), actions=tuple(_actions(own)), sure="inferred",
        )
        for intent in INTENTS
        if (own := by_intent.get(intent))
    ]  # fmt: skip


def _actions(groups: Iterable[CallGroup]) -> list[ActionCount]:
    counts: dict[str, int] = {}
    for group in groups:
        name = plain_action(group.action)
        counts[name] = counts.get(name, 0) + group.calls
    in_order = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [ActionCount(action=action, calls=calls) for action, calls in in_order]


def _refused(groups: Iterable[CallGroup]) -> list[RefusedCalls]:
    found = [
        RefusedCalls(
            access_key=group.access_key, principal=group.principal, action=plain_action(group.action),
            error_code=group.error_code, calls=group.calls, first_call=group.first, last_call=group.last,
        )
        for group in groups
        if group.error_code
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.first_call, each.action, each.error_code, each.access_key))


def _touched(calls: Iterable[Call], records: RawRecords) -> list[Touched]:
    by_resource: dict[str, list[Call]] = {}
    for call in calls:
        record = records(call.evidence)
        if record is not None and not call.error_code:
            for resource in targets_of(record):
                by_resource.setdefault(resource, []).append(call)
    found = [
        Touched(
            resource=resource, calls=len(own),
            actions=tuple(dict.fromkeys(plain_action(call.action) for call in sorted(own, key=lambda each: each.at))),
            first_call=min(call.at for call in own), last_call=max(call.at for call in own),
        )
        for resource, own in by_resource.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.first_call, each.resource))


def _pivots(groups: Iterable[CallGroup], calls: Sequence[Call], issued: Iterable[Issued], account: str) -> list[Pivot]:
    found: dict[tuple[str, str, str], Pivot] = {}
    for each in issued:
        other = account_in(each.principal)
        if other and account and other != account and ("assumed_role", other, each.principal) not in found:
            found["assumed_role", other, each.principal] = Pivot(
                account=other, principal=each.principal, how="assumed_role", calls=0, first=each.act, sure="recorded"
            )
    counts: dict[tuple[str, str], int] = {}
    for group in groups:
        if account and group.account != account and not group.error_code:
            place = (group.account, group.principal)
            counts[place] = counts.get(place, 0) + group.calls
    first = _firsts(calls)
    for (other, principal), number in counts.items():
        if (other, principal) in first:
            found["calls", other, principal] = Pivot(
                account=other, principal=principal, how="calls", calls=number, first=first[other, principal].act(),
                sure="recorded",
            )  # fmt: skip
    return sorted(found.values(), key=lambda each: (each.first.at, each.account, each.principal, each.how))


def _firsts(calls: Iterable[Call]) -> Mapping[tuple[str, str], Call]:
    found: dict[tuple[str, str], Call] = {}
    for call in sorted(calls, key=lambda each: (each.at, each.record_id)):
        if not call.error_code:
            found.setdefault((call.account, call.principal), call)
    return found


def span_of(groups: Iterable[CallGroup]) -> tuple[datetime | None, datetime | None]:
    """The first and last of these calls."""
    own = list(groups)
    return min((group.first for group in own), default=None), max((group.last for group in own), default=None)
