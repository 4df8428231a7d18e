"""Whom the facts that came between two log positions may concern: of each question some principals, or everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.course import WITHOUT_A_SAY
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.watching.masks import Mask, Masks, numbers
from erstwhile.domain.history.watching.resources_asked import ResourcesAsked
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.vocabulary.identifiers import policy_account, policy_name_of

MOST_ONE_BY_ONE = 200
"""Principals of one question that are decided about one by one; where more are concerned, everybody is."""
_PRINCIPALS = ("user", "role")
_ALWAYS_SILENT = ("watch", "setting", "assignments", "instance-profile")
"""Kinds of entities on which no decision depends."""


class ChangedFact(NamedTuple):
    """An interval that history had at one of two log positions alone. `recorded`: when it came, or was corrected."""

    row: Interval
    recorded: int


class Touch(NamedTuple):
    """An event changed something at an instant. `is_sure`: a fact begins or ends there by that event; else that became
    known then."""

    instant: datetime
    position: int
    is_sure: bool


class Affected:
    """What is found. `one_by_one`: the questions of each principal that is to be decided about anew; `whole`: those of
    which everybody is; `touches`: of each principal, and under None those that concern everybody."""

    def __init__(self) -> None:
        self.one_by_one: dict[EntityKey, Mask] = {}
        self.whole: Mask = 0
        self.touches: dict[EntityKey | None, set[Touch]] = {}

    def add(self, key: EntityKey, mask: Mask) -> None:
        if mask:
            self.one_by_one[key] = self.one_by_one.get(key, 0) | mask

    def touch(self, key: EntityKey | None, touches: Iterable[Touch]) -> None:
        self.touches.setdefault(key, set()).update(touches)

    def narrow(self) -> None:
        """Nobody is decided about alone and with everybody; many are not decided about one by one."""
        counts: dict[int, int] = {}
        for mask in self.one_by_one.values():
            for number in numbers(mask & ~self.whole):
                counts[number] = counts.get(number, 0) + 1
        for number, count in counts.items():
            if count > MOST_ONE_BY_ONE:
                self.whole |= 1 << number
        left = {key: mask & ~self.whole for key, mask in self.one_by_one.items()}
        self.one_by_one = {key: mask for key, mask in left.items() if mask}


Held = Callable[[Iterable[EntityKey]], dict[EntityKey, Mask]]
"""The questions in whose kept answers some principals are."""


def affected(
    before: FactHistory, masks: Masks, resources: ResourcesAsked, changed: Iterable[ChangedFact], held: Held
) -> Affected:
    """Whom changed facts may concern. `before`: history at the earlier position; `masks`: over the later one.

    A way from a principal to what a policy says is made of steps: a membership, an attachment, the words. A step that
    is new is judged by what it leads to now; a step that was there before leads back from what changed to whom it
    concerns. So whoever is not found has what it had."""
    finder = _Finder(before, masks, resources, held)
    for each in changed:
        finder.take(each)
    return finder.finish()


class _Finder:
    def __init__(self, before: FactHistory, masks: Masks, resources: ResourcesAsked, held: Held) -> None:
        self._before = before
        self._masks = masks
        self._after = masks.history
        self._all = masks.questions.all
        self._resources = resources
        self._held = held
        self._found = Affected()
        self._by_all_it_has: set[EntityKey] = set()
        self._policies: dict[EntityKey, set[Touch]] = {}

    def take(self, changed: ChangedFact) -> None:
        row, kind = changed.row, changed.row.kind
        if row.attribute in WITHOUT_A_SAY or kind in _ALWAYS_SILENT:
            return
        touches = self._touches(changed)
        self._take_resource(row, touches)
        if kind in _PRINCIPALS:
            self._take_principal(row, touches)
        elif kind == "group":
            self._take_group(row, touches)
        elif kind in ("policy", SHOWN):
            if row.attribute != a.TAG:
                self._policies.setdefault(row[:3], set()).update(touches)
        elif kind != "resource":
            self._everybody(self._all, touches)

    def _touches(self, changed: ChangedFact) -> list[Touch]:
        row, after, until = changed.row, self._before.known_at, self._after.known_at
        ends = ((row.valid_from, row.opened_by), (row.valid_to, row.closed_by))
        sure = [Touch(at, by, True) for at, by in ends if by is not None and after < by <= until]
        return [*sure, *(Touch(at, changed.recorded, False) for at, _ in ends)]

    def _everybody(self, mask: Mask, touches: Iterable[Touch]) -> None:
        if mask:
            self._found.whole |= mask
            self._found.touch(None, touches)

    def _take_resource(self, row: Interval, touches: list[Touch]) -> None:
        rows = (row,) if row.attribute == a.ENTITY else self._after.intervals_of(row[:3])
        mask = self._resources.of_entity(row[:3], rows)
        if mask:
            self._resources.forget()
            self._everybody(mask, touches)

    def _take_principal(self, row: Interval, touches: list[Touch]) -> None:
        key = row[:3]
        mask = 0 if row.attribute == a.TRUST else self._masks.row(row)
        if mask is None:
            self._by_all_it_has.add(key)
        else:
            self._found.add(key, mask)
        if mask != 0:
            self._found.touch(key, touches)

    def _take_group(self, row: Interval, touches: list[Touch]) -> None:
        mask = 0 if row.attribute == a.TAG else self._masks.row(row)
        self._members(row[:3], self._all if mask is None else mask, touches)

    def _members(self, group: EntityKey, mask: Mask, touches: Iterable[Touch]) -> None:
        """Who was in a group before; whoever came since is found by that."""
        if mask:
            members = list(self._before.holders(group[0], a.MEMBER_OF, group[2]))
            self._several(members, mask, touches)

    def _several(self, keys: list[EntityKey], mask: Mask, touches: Iterable[Touch]) -> None:
        if len(keys) > MOST_ONE_BY_ONE:
            self._everybody(mask, touches)
            return
        for key in keys:
            self._found.add(key, mask)
            self._found.touch(key, touches)

    def finish(self) -> Affected:
        self._take_policies()
        if self._by_all_it_has:
            held = self._held(self._by_all_it_has)
            earlier = Masks(self._before, self._masks.questions)
            wide = self._resources.wide(self._after)
            for key in self._by_all_it_has:
                mask = self._masks.potential(key) | earlier.potential(key) | wide | held.get(key, 0)
                self._found.add(key, mask | self._named(key))
        for key, mask in list(self._found.one_by_one.items()):
            # A policy of a resource that names a principal may mean it, and before it came, an outsider of that name.
            self._everybody(mask & self._named(key), self._found.touches[key])
        self._found.narrow()
        return self._found

    def _named(self, key: EntityKey) -> Mask:
        return self._resources.named(self._after, (key[2], *self._names(key)))

    def _names(self, key: EntityKey) -> list[str]:
        """What an entity was called, as far as is known before or now."""
        rows = (row for history in (self._before, self._after) for row in history.intervals_of(key))
        return list(dict.fromkeys(str(row.value.get("name", "")) for row in rows if row.attribute == a.ENTITY))

    def _take_policies(self) -> None:
        """Finds who had the managed policies before that say something else now, attached or as boundary."""
        wanted: dict[tuple[str, str, str], tuple[Mask, set[Touch]]] = {}
        for key, touches in self._policies.items():
            mask = self._masks.of_policy_change(self._before, key)
            if mask:
                for word in (key[2], *self._names(key)):
                    earlier = wanted.get((key[0], key[1], word.lower()), (0, set[Touch]()))
                    wanted[key[0], key[1], word.lower()] = earlier[0] | mask, earlier[1] | touches
        if not wanted:
            return
        accounts = list(dict.fromkeys(account for account, _ in self._before.kinds()))
        for arn in self._before.items_of(a.ATTACHED):
            for place in _places(arn, accounts):
                if place in wanted:
                    for account in accounts if place[1] != SHOWN else place[:1]:
                        self._holders(list(self._before.holders(account, a.ATTACHED, arn)), *wanted[place])
        for row in self._before.with_attribute(a.BOUNDARY):
            for place in _places(str(row.value["policy"]), row[:1]):
                if place in wanted:
                    self._holders([row[:3]], *wanted[place])

    def _holders(self, keys: list[EntityKey], mask: Mask, touches: set[Touch]) -> None:
        self._several([key for key in keys if key[1] != "group"], mask, touches)
        for key in keys:
            if key[1] == "group":
                self._members(key, mask, touches)


def _places(arn: str, accounts: Iterable[str]) -> list[tuple[str, str, str]]:
    """Account, kind and name of the policies that an attached ARN may mean."""
    shown = [(account, SHOWN, arn.lower()) for account in accounts]
    return [(policy_account(arn), "policy", policy_name_of(arn).lower()), *shown]
