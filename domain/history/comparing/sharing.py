"""What the comparisons of several principals have in common: of two who are alike in all on which the outcomes of a
group of actions rest, one is decided about.

Serves the row "difference of two days" of `make bench-history`; tests/domain/history/test_diff_sharing.py holds it to
comparing each principal by itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from erstwhile.domain.history.comparing.instants import Instants, Sides
from erstwhile.domain.history.comparing.naming import Named
from erstwhile.domain.history.comparing.outcome import Outcome
from erstwhile.domain.history.comparing.resource_cells import TAGS, Ground
from erstwhile.domain.history.comparing.standing import Content, Said, Standing, content_of
from erstwhile.domain.policy.evaluation.exemptions import BUCKET_POLICY, has_own_rules, needs_resource_policy
from erstwhile.domain.policy.evaluation.impossible import is_reserved
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.caller import ending
from erstwhile.domain.policy.inputs.caller_keys import USER_ID
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.language.statement import CompiledStatement

_KINDS = ("user", "role")
_RESOURCES, _PRINCIPALS = 3, 5
"""Where the content of a statement has what stands behind its actions, and behind its resources."""


Outcomes = tuple[Outcome, Outcome]
"""Before and after, where they differ."""


class Part(NamedTuple):
    """Actions and resources on which the outcome differs alike, with an example."""

    actions: tuple[Named, ...]
    resources: tuple[Named, ...]
    before: Outcome
    after: Outcome
    events: tuple[int, ...]
    example: tuple[str, str]
    owner: str
    """The account whose the resources are, where it is another than the principal's."""


class Shared(NamedTuple):
    """What was decided about a group of actions of one principal, for all that are like it."""

    decided: list[tuple[Ground, dict[str, Outcomes | None]]]
    """Where something differs: of each cell the outcomes."""
    effort: int
    """What it took. Who is like another is charged as much; somewhat less than alone, where the first had paid for some
    of it before."""
    told: dict[tuple[int, tuple[tuple[int, ...], ...]], list[Part]]
    """By place in `decided`, and the events behind each outcome: what is told of it."""


class Likeness:
    """In what one principal is like others."""

    def __init__(
        self, instants: Instants, both: tuple[Standing, Standing], changed_keys: set[str], is_other: bool
    ) -> None:
        """`changed_keys`: the condition keys of the principal that differ; `is_other`: whether something of it differs
        that its statements do not say."""
        self._instants = instants
        self._both = both
        self._number = instants.numbers.of
        self._kind = self._number((is_other, frozenset(changed_keys), *(_kind_of(each) for each in both)))
        self._numbers: dict[int, tuple[int, int]] = {}
        """Of each statement, by its identity: what it says where it stands, besides its actions; and besides its
        resources too."""
        self._can_be_shared = all(
            each.caller.entity is not None and each.caller.kind in _KINDS and not each.caller.is_service_linked
            for each in both
        )
        self._is_limited = any(each.has_limits for each in both)
        self._is_role = any(each.caller.kind == "role" for each in both)
        self._own = {each for one in both for each in _own_endings(one)}

    def of_group(
        self, action: str, about: list[list[Said]], regions: dict[str, bool], telling: tuple[str, ...] | None
    ) -> Hashable | None:
        """Equal for principals and actions (lower case) of which the same is decided; None for one that is alone.

        `about`: the statements that bear on it, at each instant; `regions`: the patterns of the known resources that
        are looked at; `telling`: those of the resources on which something may differ, None for all."""
        if not self._can_be_shared:
            return None
        policies = {id(policy): policy for region in regions for policy in self._instants.policies_of(region)}
        read = self._read(action, about, policies.values())
        if read is None:
            return None
        for region in regions:
            read |= self._instants.read_in_patterns(region)
        # Thousands of keys are kept: what many have in common is a number.
        number = self._number
        return (
            number(self._rules(action, about, policies.values(), read)), self._kind, number(self._values(read)),
            None if telling is None else number(frozenset(telling)), number(frozenset(regions.items())),
            *(frozenset([self._numbers_of(said)[0] for said in those]) for those in about),
        )  # fmt: skip

    def _rules(self, action: str, about: list[list[Said]], policies: Iterable[Layer], read: set[str]) -> Hashable:
        """What of an action counts, besides the statements of the principal that are about it: what policies of
        resources say of it; itself where AWS has rules of its own for it, and where resources are told by more than
        their names."""
        if (
            self._instants.has_limits
            or action in BUCKET_POLICY
            or has_own_rules(action)
            or any(key.startswith(TAGS) for key in read)
            or any(said.compiled.varies for those in about for said in those)
        ):
            return action
        spoken = ((policy, policy.about(action)) for policy in policies)
        return frozenset((id(policy), tuple([id(said) for said, _, _ in those])) for policy, those in spoken if those)

    def of_resources(
        self, action: str, resources: Iterable[str], covering: list[list[Said]]
    ) -> Iterator[Hashable | None]:
        """`of_resource` of each: of resources of one owner that have no policies it is found once."""
        is_open = not (has_own_rules(action) or action.startswith("kms:") or action in BUCKET_POLICY)
        found: dict[tuple[int, int], tuple[Hashable, Sides]] = {}
        for resource in resources:
            sides = self._instants.sides_of(resource)
            # Both live as long as they are kept here: no other has their ids.
            place = id(sides[0]), id(sides[1])
            kept = found.get(place) if resource != "*" else None
            if kept is not None:
                yield kept[0]
                continue
            key = self.of_resource(action, resource, covering)
            has_policies = sides[0].policy is not None or sides[1].policy is not None
            is_its_own = isinstance(key, tuple) and key[2] == (action, resource)
            if is_open and resource != "*" and not has_policies and not is_its_own:
                found[place] = key, sides
            yield key

    def of_resource(self, action: str, resource: str, covering: list[list[Said]]) -> Hashable | None:
        """Equal for principals, actions and resources of which the same is decided; None for what is alone. `action` in
        lower case; `covering`: the statements that are about both, at each instant."""
        if not self._can_be_shared:
            return None
        sides = self._instants.sides_of(resource)
        read = self._read(action, covering, [side.policy for side in sides if side.policy is not None])
        if read is None:
            return None
        return (
            self._kind,
            self._number(self._values(read)),
            self._sort(action, resource, covering, sides, read) or (action, resource),
            *(frozenset([self._numbers_of(said)[1] for said in those]) for those in covering),
        )

    def _sort(
        self, action: str, resource: str, covering: list[list[Said]], sides: Sides, read: set[str]
    ) -> Hashable | None:
        """What of an action and a resource counts, besides the statements of the principal that are about both; None
        where that may be anything. `read`: the condition keys that all statements about them read."""
        if resource == "*" or action.startswith("kms:") or action in BUCKET_POLICY:
            return None
        # Resource control policies reach some services, and some actions not.
        rules: list[Hashable] = [action] if self._is_limited else []
        if has_own_rules(action):
            rules = [action, is_reserved(action, resource), needs_resource_policy(action, resource)]
            rules += [bool(find_resources(directory, resource)) for directory in self._instants.directories]
        if any(key.startswith(TAGS) for key in read) or any(said.compiled.varies for each in covering for said in each):
            return None
        found: list[Hashable] = []
        for side in sides:
            if side.rcp is not None or side.vpc_endpoint is not None:
                return None
            about: set[Hashable] = set()
            if side.policy is not None:
                if side.policy.why:
                    return None
                for compiled, _, _ in side.policy.about(action):
                    if compiled.varies:
                        return None
                    if compiled.covers(resource):
                        about.add(_of_covering(compiled))
            found.append((side.owner, side.is_common, side.policy is None, frozenset(about)))
        return *rules, *found

    def _read(self, action: str, about: list[list[Said]], policies: Iterable[Layer]) -> set[str] | None:
        """The condition keys that statements of the principal and policies of resources read about an action (lower
        case); None where the principal is alone: by what they name, or by how conditions are told."""
        read = set(self._instants.read_by_limits)
        told: dict[tuple[bool, str, int], tuple[str, object]] = {}
        for said in (each for those in about for each in those):
            compiled = said.compiled
            if not compiled.is_fixed:
                read |= compiled.keys_read
                # Conditions are told by policy and statement: where two policies of one name have a part in it, what is
                # told follows from their names.
                name = (compiled.allows, said.source.policy, compiled.statement.index)
                if told.setdefault(name, (said.place[0], said.content)) != (said.place[0], said.content):
                    return None
        for policy in policies:
            spoken = policy.about(action)
            if spoken:
                alone = self._instants.meant_alone(policy)
                if alone is None or not alone.isdisjoint(self._own):
                    return None
                for compiled, _, _ in spoken:
                    read |= compiled.keys_read
        if USER_ID in read and self._is_role:
            return None  # it has the name of a session
        return read

    def _numbers_of(self, said: Said) -> tuple[int, int]:
        found = self._numbers.get(id(said))
        if found is None:
            besides = self._number((said.place, _without_actions(said.content)))
            found = besides, self._number((said.place, _of_covering(said.compiled)))
            self._numbers[id(said)] = found
        return found

    def _values(self, read: set[str]) -> Hashable:
        """The values of condition keys."""
        if not read:
            return ()
        one, other = (each.caller.keys for each in self._both)
        return frozenset((key, one.get(key), other.get(key)) for key in read if key in one or key in other)


def _kind_of(one: Standing) -> tuple[object, ...]:
    """What of a principal at an instant its statements do not say, but its name."""
    caller, side = one.caller, one.side
    return (
        type(one),
        caller.account,
        caller.kind,
        caller.partition,
        side.boundary is not None and bool(side.boundary.sources),
        *one.layers_known,
    )


def _own_endings(one: Standing) -> set[str]:
    """How the names end that are the principal's alone."""
    caller = one.caller
    names = (caller.unique_id, caller.session_arn, caller.arn, caller.role, caller.canonical_user_id)
    return {ending(name) for name in names if name}


def _of_covering(compiled: CompiledStatement) -> Hashable:
    """What a statement says of an action and a resource that it is about."""
    content = content_of(compiled.statement)
    if compiled.varies:
        return _without_actions(content)
    return content[0], *content[_PRINCIPALS:]


def _without_actions(content: Content) -> Hashable:
    """What a statement says besides which actions it is about."""
    return content[0], *content[_RESOURCES:]
