"""Groups of principals with like use, and a policy that all of a group could share.

Two are alike by how many of the actions that either used both used (Jaccard). The groups are those of leaders: who used
most opens the first; each next one joins the group to whose leader it is most alike, where that is alike enough, and
opens one of its own else. So the same records always make the same groups, whatever their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec
import orjson

from erstwhile.domain.least_privilege.grouped_resources import is_literal, tells_all
from erstwhile.domain.policy.language.document import VARIABLES_SINCE
from erstwhile.domain.use.used import Used

LIKENESS = Fraction(7, 10)
MOST_NAMED = 20
"""Resources of one action that a shared policy names one by one."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """`besides`: what it used and not all of its group did; `likeness`: to the group's leader, in hundredths."""

    principal: str
    likeness: int
    besides: tuple[str, ...]


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """A group of two or more, the leader first. `shared`: the actions that all of them used; `document`: a policy that
    allows these, on what any of them used them on, where every record tells that; '' where they share none. `wide`: the
    actions that stay on `*`."""

    members: tuple[Member, ...]
    shared: tuple[str, ...]
    document: str
    wide: tuple[str, ...]


def alike(
    used: Iterable[Used], of: Callable[[Sequence[str]], Iterable[Used]], likeness: Fraction = LIKENESS
) -> Iterator[Alike]:
    """The groups, the largest first. `used`: which principals used which actions; calls that failed do not count; `of`:
    what some of them used, on which resources, which is asked for one group after the other."""
    actions: dict[str, set[str]] = {}
    for each in used:
        if not each.failed:
            actions.setdefault(each.principal, set()).add(each.action)
    known = {principal: frozenset(own) for principal, own in actions.items()}
    groups = [members for members in _led(known, likeness) if len(members) > 1]
    for members in sorted(groups, key=lambda each: (-len(each), each[0])):
        yield _group(members, known, of(members))


def _led(actions: Mapping[str, frozenset[str]], likeness: Fraction) -> list[list[str]]:
    groups: list[list[str]] = []
    leading: dict[frozenset[str], int] = {}
    """Actions of a leader → the place of its group."""
    having: dict[str, set[int]] = {}
    """Action → the places of the groups whose leaders used it: the others have nothing in common."""
    for principal in sorted(actions, key=lambda each: (-len(actions[each]), each)):
        own = actions[principal]
        place = leading.get(own)
        if place is None:
            near = {each for action in own for each in having.get(action, ())}
            best = max(near, key=lambda each: (_likeness(own, actions[groups[each][0]]), -each), default=None)
            if best is not None and _likeness(own, actions[groups[best][0]]) >= likeness:
                place = best
        if place is None:
            place = leading[own] = len(groups)
            groups.append([])
            for action in own:
                having.setdefault(action, set()).add(place)
        groups[place].append(principal)
    return groups


def _likeness(one: frozenset[str], other: frozenset[str]) -> Fraction:
    return Fraction(len(one & other), len(one | other))


def _group(members: Sequence[str], actions: Mapping[str, frozenset[str]], used: Iterable[Used]) -> Alike:
    shared = frozenset.intersection(*(actions[each] for each in members))
    leader = actions[members[0]]
    on: dict[str, set[str]] = {action: set() for action in shared}
    for each in used:
        if each.action in on and not each.failed:
            on[each.action].add(each.resource)
    by_resources: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(shared):
        by_resources.setdefault(_resources(action, on[action]), []).append(action)
    wide = tuple(
        action for action in sorted(shared) if on[action] != {"*"} and _resources(action, on[action]) == ("*",)
    )
    statements = [
        {"Effect": "Allow", "Action": own, "Resource": list(resources)}
        for resources, own in sorted(by_resources.items(), key=lambda each: each[1])
    ]
    document = {"Version": VARIABLES_SINCE, "Statement": statements}
    return Alike(
        members=tuple(
            Member(
                principal=each, likeness=int(100 * _likeness(actions[each], leader)),
                besides=tuple(sorted(actions[each] - shared)),
            )
            for each in members
        ),
        shared=tuple(sorted(shared)), document=orjson.dumps(document).decode() if statements else "",
        wide=wide,
    )  # fmt: skip


def _resources(action: str, told: set[str]) -> tuple[str, ...]:
    """What a shared policy names: what it was used on, where an action is about one thing and every record tells it."""
    if not tells_all(action) or len(told) > MOST_NAMED or not all(each and is_literal(each) for each in told):
        return ("*",)
    return tuple(sorted(told))
