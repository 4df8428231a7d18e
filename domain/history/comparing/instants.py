"""Two instants of a history, with what the comparisons of all principals share."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import proxy

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.comparing.causes import Changes
from erstwhile.domain.history.comparing.concerned import Concerned
from erstwhile.domain.history.comparing.resources import EVERYBODY, ResourcesAt, lacks_policy, meant_by, side_of
from erstwhile.domain.history.comparing.trust import Trust
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.language.patterns.pattern_parts import meet
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import account_in, is_account_id

if TYPE_CHECKING:
    from erstwhile.domain.history.comparing.sharing import Outcomes, Shared

Sides = tuple[ResourceSide, ResourceSide]
MOST_OUTCOMES = 200_000
MOST_MEETING = 1_000
MOST_REGIONS = 2_000
MOST_SHARED = 20_000
"""Groups of actions of which it is kept what was decided about them."""


class Numbers:
    """Numbers for what is compared again and again: equal for what is equal."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))


class Instants:
    def __init__(
        self,
        before: Directory,
        after: Directory,
        history: FactHistory,
        changes: Changes,
        concerned: Concerned,
        within: str | None = None,
    ) -> None:
        """`within`: the ARN of the one resource that is asked about; None for all."""
        self.directories = (before, after)
        self.history = history
        self.changes = changes
        self.known = (ResourcesAt(before, history), ResourcesAt(after, history))
        self.moved = concerned.moved
        """The ARNs of the resources of which something differs that bears on decisions."""
        self.limited = concerned.limited
        """The accounts of which what limits the use of their resources differs."""
        self.within = within
        self._speaking: dict[str, list[CompiledStatement]] = {}
        self.trust = Trust(proxy(self))  # it goes with the instants, and does not hold them
        self.numbers = Numbers()
        self.shared: Bounded[Hashable, Shared] = Bounded(MOST_SHARED)
        """What was decided about groups of actions, for principals that are alike: `sharing`."""
        self.alike: Bounded[Hashable, tuple[bool, int]] = Bounded(MOST_SHARED)
        """The same of actions about which trust policies decide: whether nothing differs, and what it took."""
        self.outcomes: Bounded[Hashable, Outcomes | None] = Bounded(MOST_OUTCOMES)
        """The outcomes about resources that differ, the same."""
        self._of_others: dict[str, dict[str, None]] = {}
        self._policies_of: dict[str, list[Layer]] = {}
        self._limiting: dict[str, list[CompiledStatement]] = {}
        self._sides: Bounded[str, Sides] = Bounded(MOST_OUTCOMES)
        self._read_in_patterns: dict[str, frozenset[str]] = {}
        self._read_by: dict[str, frozenset[str]] = {}
        self._keys: Bounded[str, frozenset[EntityKey]] = Bounded(MOST_OUTCOMES)
        self.regions: Bounded[Hashable, dict[str, bool]] = Bounded(MOST_REGIONS)
        """The regions of known resources that are looked at for an action: `ResourceCells`."""
        self._meeting: Bounded[str, tuple[set[str], set[str]]] = Bounded(MOST_MEETING)
        """Of a pattern the regions that it was asked about, and those that it meets."""
        self._meant_by: dict[int, tuple[Layer, frozenset[str]]] = {}
        self._meant_alone: dict[int, tuple[Layer, frozenset[str] | None]] = {}
        self.has_within_moved = within is not None and any(
            each.arn in self.moved for directory in self.directories for each in find_resources(directory, within)
        )

    def speaking(self, region: str) -> list[CompiledStatement]:
        """The statements of the policies of a resource at the two instants; of any one that matches, for a pattern."""
        found = self._speaking.get(region)
        if found is None:
            found = [compiled for policy in self.policies_of(region) for compiled, _, _ in policy.placed]
            self._speaking[region] = found
        return found

    def policies_of(self, region: str) -> list[Layer]:
        """The policies of a resource at the two instants; of any one that matches, for a pattern."""
        found = self._policies_of.get(region)
        if found is None:
            policies = (side.policy for side in self._sides_of_region(region))
            found = self._policies_of[region] = [each for each in policies if each is not None]
        return found

    def limiting(self, region: str) -> list[CompiledStatement]:
        """The statements of the resource control policies over a resource at the two instants; over any one that
        matches, for a pattern."""
        found = self._limiting.get(region)
        if found is None:
            levels = (side.rcp for side in self._sides_of_region(region))
            layers = (layer for each in levels if each is not None for layer in each.layers)
            said = {compiled: None for layer in layers for compiled, _, _ in layer.placed}
            found = self._limiting[region] = list(said)
        return found

    def sides_of(self, arn: str) -> Sides:
        """The sides of a resource at the two instants, whatever is done to it."""
        found = self._sides.entries.get(arn)
        if found is None:
            before, after = self.directories
            found = self._sides.keep(arn, (side_of(before, arn), side_of(after, arn)))
        return found

    def read_in_patterns(self, region: str) -> frozenset[str]:
        """The condition keys by which policies of a resource, or over it, cut it, whatever action they are about."""
        found = self._read_in_patterns.get(region)
        if found is None:
            varying = [each for each in (*self.speaking(region), *self.limiting(region)) if each.varies]
            found = self._read_in_patterns[region] = frozenset(key for each in varying for key in each.keys_read)
        return found

    def keys_of(self, arn: str) -> frozenset[EntityKey]:
        """The resources whose policies are about one, at either instant."""
        found = self._keys.entries.get(arn)
        if found is None:
            keys = (each.key for directory in self.directories for each in find_resources(directory, arn))
            found = self._keys.keep(arn, frozenset(keys))
        return found

    def read_by(self, arn: str) -> frozenset[str]:
        """The condition keys that the policies of a resource read, and those that limit its use."""
        found = self._read_by.get(arn)
        if found is None:
            said = (*self.speaking(arn), *self.limiting(arn))
            found = self._read_by[arn] = frozenset(key for each in said for key in each.keys_read)
        return found

    def _sides_of_region(self, region: str) -> Sides:
        """The same of any one that matches, for a pattern."""
        return self.sides_of(region.replace("*", "x").replace("?", "x"))

    def meeting(self, patterns: Iterable[str], regions: Collection[str]) -> set[str]:
        """Those of some regions of known resources that meet one of the patterns: principals have patterns in common,
        and all know the same resources."""
        found: set[str] = set()
        if not regions:
            return found
        those = set(regions)
        for pattern in patterns:
            asked, met = self._meeting.get(pattern) or self._meeting.keep(pattern, (set(), set()))
            more = those - asked - found
            met.update([each for each in more if meet(pattern, each)])
            asked |= more
            found |= met
        return found

    def is_owned_by(self, account: str, region: str) -> bool:
        """Whether a resource is an account's at both instants; any one that matches, for a pattern."""
        return all(side.owner == account for side in self._sides_of_region(region))

    def meant_alone(self, policy: Layer) -> frozenset[str] | None:
        """How the names end, besides those of accounts, that the policies of a resource may mean; None where they may
        mean anyone but some."""
        known = self._meant_alone.get(id(policy))
        if known is None:
            endings = (each for each in self.meant_by(policy) - {EVERYBODY} if not account_named(each))
            alone = None if policy.has_not_principal() else frozenset(endings)
            known = self._meant_alone[id(policy)] = policy, alone  # as long as it lives, no other has its id
        return known[1]

    def meant_by(self, policy: Layer) -> frozenset[str]:
        """How the names end that the policies of a resource may mean."""
        known = self._meant_by.get(id(policy))
        if known is None:
            known = self._meant_by[id(policy)] = policy, frozenset(meant_by(policy))
        return known[1]

    @property
    def asked(self) -> list[str]:
        """The resources of which something differs, and that which is asked about."""
        return [*self.moved, *((self.within,) if self.within is not None else ())]

    @cached_property
    def asked_by_ending(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """At each instant, by how the names end that their policies may mean."""
        found: tuple[dict[str, list[str]], dict[str, list[str]]] = {}, {}
        for arn in self.asked:
            for side, by_ending in zip(self.sides_of(arn), found, strict=True):
                for each in self.meant_by(side.policy) if side.policy is not None else ():
                    by_ending.setdefault(each, []).append(arn)
        return found

    @cached_property
    def _limits(self) -> list[Levels]:
        """The resource control policies of all accounts, at the two instants. Of some accounts nothing else is known
        than where they stand in their organisation."""
        found = (
            engine_of(directory).policies.rcp(node)
            for directory in self.directories
            for organization in directory.of_kind("organization")
            for node in organization.nodes
            if is_account_id(node)
        )
        return [levels for levels in found if levels is not None]

    @property
    def has_limits(self) -> bool:
        """Whether resource control policies limit the use of any resource."""
        return bool(self._limits)

    @cached_property
    def read_by_limits(self) -> frozenset[str]:
        """The condition keys that resource control policies read, whoever owns the resource."""
        layers = {id(layer): layer for levels in self._limits for layer in levels.layers}
        return frozenset(
            key for each in layers.values() for compiled, _, _ in each.placed for key in compiled.keys_read
        )

    def of_others(self, account: str) -> dict[str, None]:
        """The known resources whose ARNs tell no account, and that are of another one at one of the instants."""
        found = self._of_others.get(account)
        if found is None:
            found = self._of_others[account] = {
                arn: None
                for number, known in enumerate(self.known)
                for arn in known.of("resource").elsewhere
                if self.sides_of(arn)[number].owner != account
            }
        return found

    @cached_property
    def organizations(self) -> list[Entity]:
        """Those of one of the instants, or of both."""
        found = (each for directory in self.directories for each in directory.of_kind("organization"))
        return list({each.key: each for each in found}.values())

    @cached_property
    def changing_hands(self) -> set[str]:
        """The moved resources whose account is another one, or known at one of the instants only."""
        return {
            arn for arn in self.moved if not account_in(arn) and len({side.owner for side in self.sides_of(arn)}) > 1
        }

    @cached_property
    def may_be_unknown(self) -> set[str]:
        """The moved roles and keys of which, at one of the instants, a policy is not known that is always there."""
        return {arn for arn in self.moved if any(lacks_policy(directory, arn) for directory in self.directories)}
