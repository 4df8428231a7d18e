"""What events made, changed or removed, and whether it is still so at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.incident.calls import Deed
from erstwhile.domain.incident.parts import Act
from erstwhile.domain.incident.report import Left, Standing
from erstwhile.domain.reach.running import PROFILE, ROLE, RUNS_AS
from erstwhile.domain.vocabulary.instants import BEFORE

ReadDeeds = Callable[[Iterable[int]], Mapping[int, Deed]]
"""Positions → the events at them."""
Change = Literal["made", "changed", "removed"]

_PRESENT = {
    attributes.ACCESS_KEY: "access key",
    attributes.LOGIN_PROFILE: "password",
    attributes.MFA: "MFA device",
    attributes.CREDENTIAL: "credential",
    attributes.ATTACHED: "attached policy",
    attributes.MEMBER_OF: "group membership",
    attributes.ROLE: "role in an instance profile",
    attributes.VERSION: "policy version",
    attributes.STATEMENT: "statement of a resource's policy",
    attributes.GRANT: "grant of a key",
    attributes.SETTING: "setting",
    attributes.ASSIGNMENT: "assignment in Identity Center",
    attributes.TARGET: "attached guardrail",
    attributes.POLICY_TYPE: "type of guardrails",
    attributes.NODE: "account or unit of the organisation",
    attributes.TAG: "tag",
}
"""Facts that are so while they are there, whatever their value."""
_VALUED = {
    attributes.TRUST: ("trust policy", "document"),
    attributes.INLINE: ("inline policy", "document"),
    attributes.POLICY: ("resource policy", "document"),
    attributes.BOUNDARY: ("permissions boundary", "policy"),
    attributes.DEFAULT: ("default version of a policy", "version"),
    attributes.GUARDRAIL: ("guardrail", "document"),
}
"""Facts that are so while they have the same value, and the member of it that counts."""
_CREATIONS = ("iam.UserCreated", "iam.GroupCreated", "iam.RoleCreated", "iam.PolicyCreated",
              "iam.InstanceProfileCreated", "resource.ResourceRegistered")  # fmt: skip
_UPDATES = frozenset(("iam.AccessKeyStatusChanged", "iam.LoginProfileUpdated", "iam.TrustPolicyUpdated",
                      "iam.DefaultPolicyVersionSet"))  # fmt: skip
"""Events that change what is there, known or not."""
_REMOVALS = ("Removed", "Deleted", "Detached", "Deactivated", "Retired")
_SEEN = frozenset(("iam.PrincipalSeen", "iam.AccountRegistered", "iam.SessionIssued"))
"""Events whose record shows what was there before, and that make nothing."""


class _Fact(msgspec.Struct, frozen=True):
    """A fact that an event changed: the interval before, and the one after it."""

    deed: Deed
    before: Interval | None
    after: Interval | None

    @property
    def row(self) -> Interval:
        row = self.after or self.before
        assert row is not None, "an event changed it"
        return row

    @property
    def change(self) -> Change:
        if self.after is None:
            return "removed"
        return "made" if self.before is None and self.deed.type not in _UPDATES else "changed"


def persistence(history: FactHistory, deeds: Sequence[Deed], at: datetime, read: ReadDeeds) -> list[Left]:
    """A line for each fact that these events made, changed or removed, in their order. What they removed of what they
    had made themselves has no line of its own: the line of its making says how it ended."""
    own = {deed.act.position for deed in deeds}
    facts = [fact for deed in deeds if deed.type not in _SEEN for fact in _facts(history, deed, own)]
    standings = [_standing(history, fact, at) for fact in facts]
    ended = read({position for _, position in standings if position})
    return [
        _line(history, fact, state, ended.get(position), at)
        for fact, (state, position) in zip(facts, standings, strict=True)
    ]


def without_line(history: FactHistory, deeds: Iterable[Deed]) -> list[Deed]:
    """The removals of what nothing on record had shown: they end no fact, so that no line tells of them."""
    return [
        deed
        for deed in deeds
        if deed.type.endswith(_REMOVALS)
        and not any(
            row.closed_by == deed.act.position and row.attribute != attributes.COVERAGE
            for row in history.of_event(deed.act.position or 0)
        )
    ]


def _facts(history: FactHistory, deed: Deed, own: set[int | None]) -> Iterator[_Fact]:
    position = deed.act.position or 0
    rows = history.of_event(position)
    # A record that is the first to tell of something says by it what was there before, and opens that, too.
    opened = {
        (row[:3], row.attribute, row.item): row
        for row in rows
        if row.opened_by == position and row.closed_by != position
    }
    closed = {(row[:3], row.attribute, row.item): row for row in rows if row.closed_by == position}
    lives = {key for key, attribute, _ in opened if attribute == attributes.ENTITY and deed.type in _CREATIONS}
    deaths = {key for key, attribute, _ in closed if attribute == attributes.ENTITY} - {key for key, *_ in opened}
    for place in sorted({*opened, *closed}):
        key, attribute, _ = place
        fact = _Fact(deed, closed.get(place), opened.get(place))
        if attribute == attributes.ENTITY:
            if _is_told(fact, key, lives, deaths, own):
                yield fact
        elif key in lives or key in deaths or (attribute not in _PRESENT and attribute not in _VALUED):
            continue
        elif fact.after is not None or not _is_own(fact.row, own):
            yield fact


def _is_own(row: Interval, own: set[int | None]) -> bool:
    """Whether these events made what it tells, rather than being the first to tell of it."""
    return row.opened_by in own and row.valid_from > BEFORE


def _is_told(fact: _Fact, key: EntityKey, lives: set[EntityKey], deaths: set[EntityKey], own: set[int | None]) -> bool:
    """Whether an entity came, went or was renamed: a record that names one for the first time does not make it."""
    if key in lives:
        return True
    if key in deaths:
        return not _is_own(fact.row, own)
    return fact.change == "changed" and fact.deed.type.endswith("Renamed")


def _standing(history: FactHistory, fact: _Fact, at: datetime) -> tuple[Standing, int]:
    """Whether it is still so, and the position of the event that ended that."""
    row, since = fact.row, fact.deed.act.at
    rows = history.intervals_of(row[:3])
    if any(each.attribute == attributes.VANISHED and each.valid_from <= at < each.valid_to for each in rows):
        return "unknown", 0
    steps = _course([each for each in rows if (each.attribute, each.item) == (row.attribute, row.item)], since, at)
    wanted = None if fact.after is None else _shape(row.attribute, fact.after.value, fact.change)
    holds = [_shape(row.attribute, value, fact.change) == wanted for _, value, _ in steps]
    if holds[-1]:
        return "stands", 0
    last = max((place for place, each in enumerate(holds) if each), default=-1) + 1
    _, value, position = steps[last]
    if fact.change == "removed":
        return "put_back", position
    return ("ended" if value is None else "replaced"), position


def _shape(attribute: str, value: Value | None, change: Change) -> object:
    """What must be the same for a fact to be still so."""
    if value is None:
        return None
    if attribute in _VALUED:
        return value.get(_VALUED[attribute][1])
    if change == "changed":
        return value.get("name") if attribute == attributes.ENTITY else value.get("status", value)
    return True


def _course(rows: Iterable[Interval], since: datetime, at: datetime) -> list[tuple[datetime, Value | None, int]]:
    """From when on a fact had which value, until an instant, and the event that made it so."""
    steps: list[tuple[datetime, Value | None, int]] = []
    last: Interval | None = None
    for row in sorted(rows, key=lambda each: (each.valid_from, each.valid_to)):
        if row.valid_to < since or row.valid_from > at or (row.valid_to == since and row.valid_from < since):
            continue
        if last is not None and last.valid_to < row.valid_from:
            steps.append((last.valid_to, None, last.closed_by or 0))
        elif last is None and row.valid_from > since:
            steps.append((since, None, 0))
        steps.append((max(row.valid_from, since), row.value, row.opened_by))
        last = row
    if last is None:
        return [(since, None, 0)]
    if last.valid_to <= at:
        steps.append((last.valid_to, None, last.closed_by or 0))
    return steps


def _line(history: FactHistory, fact: _Fact, state: Standing, ended: Deed | None, at: datetime) -> Left:
    row = fact.row
    before = None if fact.before is None else _text(fact.before)
    return Left(
        what=_what(row), change=fact.change, account=row.account, kind=row.kind, of=name_of(history, row[:3]),
        attribute=row.attribute, item=_item(history, row), detail=_detail(history, row, at), before=before,
        act=fact.deed.act, stands=state, ended=None if ended is None else ended.act,
        sure="by_name" if row.entity.startswith("~") else "recorded",
    )  # fmt: skip


def _what(row: Interval) -> str:
    if row.attribute == attributes.ENTITY:
        return "managed policy" if row.kind == "policy" else row.kind.replace("-", " ")
    if row.attribute in _VALUED:
        return _VALUED[row.attribute][0]
    if row.attribute == attributes.SETTING and row.entity.startswith(f"{RUNS_AS}/"):
        return "resource that runs as a role"
    if row.attribute == attributes.SETTING:
        return row.entity.partition("/")[0].replace("-", " ")
    if row.attribute == attributes.CREDENTIAL:
        return attributes.credential_item(row.item).kind.replace("-", " ")
    if row.attribute == attributes.STATEMENT and ":lambda:" in row.entity:
        return "permission of a function"
    return _PRESENT[row.attribute]


def _item(history: FactHistory, row: Interval) -> str:
    if row.attribute == attributes.MEMBER_OF:
        return name_of(history, (row.account, "group", row.item))
    if row.attribute == attributes.SETTING and row.entity.startswith(f"{RUNS_AS}/"):
        return str(row.value.get(ROLE) or row.value.get(PROFILE) or "")
    if row.attribute == attributes.ROLE:
        return name_of(history, (row.account, "role", row.item))
    if row.attribute in (attributes.BOUNDARY, attributes.DEFAULT):
        return str(row.value.get(_VALUED[row.attribute][1]) or "")
    return row.item


def _text(row: Interval) -> str | None:
    """The document or value that a fact had, where it has one."""
    if row.attribute in _VALUED:
        found = row.value.get(_VALUED[row.attribute][1])
        return None if found is None else str(found)
    found = row.value.get("status") or row.value.get("name")
    return None if found is None else str(found)


def _detail(history: FactHistory, row: Interval, at: datetime) -> str:
    """The status of a key, and whether a version is the default one, at the end."""
    there = {
        (each.attribute, each.item): each.value
        for each in history.intervals_of(row[:3])
        if each.valid_from <= at < each.valid_to
    }
    if row.attribute in (attributes.ACCESS_KEY, attributes.CREDENTIAL):
        return str(there.get((row.attribute, row.item), {}).get("status") or "")
    if row.attribute == attributes.VERSION:
        default = there.get((attributes.DEFAULT, ""), {}).get("version")
        return "the default" if default == row.item else ""
    return ""


def name_of(history: FactHistory, key: EntityKey) -> str:
    """The last ARN that an entity had; its unique id where it has none."""
    if key[1] == "setting":
        return key[2].partition("/")[2] or key[2]
    rows = [row for row in history.intervals_of(key) if row.attribute == attributes.ENTITY]
    last = max(rows, key=lambda row: (row.valid_to, row.valid_from), default=None)
    return (arn_of(history, last) if last is not None else "") or key[2]


def keys_made(history: FactHistory, deeds: Iterable[Deed]) -> list[tuple[str, EntityKey, Act]]:
    """The access keys that events made, whose they are, and the event."""
    found = []
    for deed in deeds:
        for row in history.of_event(deed.act.position or 0):
            is_made = deed.type == "iam.AccessKeyCreated" and row.opened_by == deed.act.position
            if is_made and row.attribute == attributes.ACCESS_KEY:
                found.append((row.item, (row.account, row.kind, row.entity), deed.act))
    return found


def principals_made(history: FactHistory, deeds: Iterable[Deed]) -> list[tuple[EntityKey, Act]]:
    """The users and roles that events made, and the event."""
    found = []
    for deed in deeds:
        if deed.type in ("iam.UserCreated", "iam.RoleCreated"):
            for row in history.of_event(deed.act.position or 0):
                if row.attribute == attributes.ENTITY and row.opened_by == deed.act.position:
                    found.append(((row.account, row.kind, row.entity), deed.act))
    return found
