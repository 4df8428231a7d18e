"""What began, changed or ended at an instant, with the event and the layer of policies that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

_LAYERS = {
    attributes.ATTACHED: "attachment",
    attributes.BOUNDARY: "boundary",
    attributes.MEMBER_OF: "group membership",
    attributes.TRUST: "trust policy",
    attributes.VERSION: "policy version",
    attributes.DEFAULT: "policy version",
    attributes.GAP: "policy version",
    attributes.POLICY: "resource policy",
    attributes.STATEMENT: "resource policy",
    attributes.GRANT: "resource policy",
    attributes.REGISTERED: "resource",
    attributes.MODE: "account",
    attributes.ORGANIZATION: "guardrail",
    attributes.NODE: "guardrail",
    attributes.GUARDRAIL: "guardrail",
    attributes.TARGET: "guardrail",
    attributes.POLICY_TYPE: "guardrail",
    attributes.TAG: "tag",
    attributes.COVERAGE: "knowledge",
    attributes.VANISHED: "knowledge",
    attributes.ROLE: "instance profile",
    attributes.ACCESS_KEY: "credential",
    attributes.LOGIN_PROFILE: "credential",
    attributes.MFA: "credential",
    attributes.CREDENTIAL: "credential",
    attributes.CREDENTIAL_REPORT: "credential",
    attributes.SETTING: "account",
    attributes.SNAPSHOT: "knowledge",
    attributes.ASSIGNMENT: "assignment",
    attributes.WATCH: "watch",
    attributes.REVIEW: "review",
    attributes.DECISION: "review",
    attributes.DELEGATE: "review",
    attributes.EXCEPTION: "exception",
}
CLOCK = "clock"
"""The layer of a change that no event made: a condition compares the clock with this instant."""


class FactChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact that began (`before` None), ended (`after` None), changed its value, or was set again. `position` is that
    of the event that did it; 0 where no event did."""

    layer: str
    position: int
    account: str = ""
    kind: str = ""
    entity: str = ""
    attribute: str = ""
    item: str = ""
    before: Value | None = None
    after: Value | None = None

    @property
    def key(self) -> EntityKey:
        return self.account, self.kind, self.entity


def layer_of(attribute: str, kind: str, key: EntityKey, principals: frozenset[EntityKey]) -> str:
    """To which layer a fact belongs. `principals`: whose access is asked about."""
    if attribute == attributes.INLINE:
        return "group policy" if kind == "group" else "own policy"
    if attribute == attributes.ENTITY:
        if key in principals:
            return "principal"
        return kind if kind in ("group", "policy") else "resource"
    return _LAYERS.get(attribute, attribute)


def changes_of(
    intervals: Iterable[Interval],
    principals: frozenset[EntityKey] = frozenset(),
    begin: datetime = BEFORE,
    end: datetime = FOREVER,
) -> dict[datetime, list[FactChange]]:
    """All that changed in [begin, end), of the intervals of one entity, by the instant at which it did."""
    touching: dict[datetime, list[Interval]] = {}
    for each in intervals:
        since, until = each.valid_from, each.valid_to
        if begin <= since < end:
            touching.setdefault(since, []).append(each)
        if until != since and begin <= until < end:
            touching.setdefault(until, []).append(each)
    return {instant: changes_at(touching[instant], instant, principals) for instant in sorted(touching)}


def changes_at(
    intervals: Iterable[Interval], instant: datetime, principals: frozenset[EntityKey] = frozenset()
) -> list[FactChange]:
    """What changed at an instant, of the intervals of one entity. What began and ended within it changed twice."""
    ended: dict[tuple[str, str], Interval] = {}
    begun: dict[tuple[str, str], Interval] = {}
    found = []
    for each in intervals:
        if each.valid_from == each.valid_to == instant:
            found += [_change(None, each, principals), _change(each, None, principals)]
        elif each.valid_to == instant:
            ended[each.attribute, each.item] = each
        elif each.valid_from == instant:
            begun[each.attribute, each.item] = each
    found += [_change(ended.get(place), begun.get(place), principals) for place in dict.fromkeys((*ended, *begun))]
    return found


def _change(before: Interval | None, after: Interval | None, principals: frozenset[EntityKey]) -> FactChange:
    row = after or before
    assert row is not None
    position = after.opened_by if after is not None else row.closed_by
    return FactChange(
        layer=layer_of(row.attribute, row.kind, row[:3], principals), position=position or 0,
        account=row.account, kind=row.kind, entity=row.entity, attribute=row.attribute, item=row.item,
        before=None if before is None else before.value, after=None if after is None else after.value,
    )  # fmt: skip


def told_in_order(changes: Iterable[FactChange]) -> tuple[FactChange, ...]:
    """Changes of one instant by event, and those of one event by entity, its own beginning or end first."""
    several = tuple(changes)
    return several if len(several) < 2 else tuple(sorted(several, key=_place))


def _place(change: FactChange) -> tuple[object, ...]:
    is_life = change.attribute == attributes.ENTITY
    return change.position, change.key, not is_life, change.attribute, change.item, change.after is None
