# mypyc: compiled
"""The sides of callers and resources, kept; and from which entities they are made.

Serves the rows "never asked before" and "a cold principal" of `make bench-engine`.
"""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.engine.decision_cache import KnownCaller
from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.applicable import ApplicablePolicies
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.guardrails import Place, place_of
from erstwhile.domain.policy.inputs.principals import find_resources, is_stranger
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.language.statement import Documents
from erstwhile.domain.vocabulary.bounded import Bounded

MAX_CALLERS = 200_000
MAX_GROUP_LAYERS = 10_000
"""Sets of groups whose policies are kept."""
MAX_RESOURCES = 100_000
MAX_DOCUMENTS = 65_536
"""Compiled documents that layers share: thousands of callers have the same policies."""
MAX_ACCOUNTS = 10_000
"""Accounts whose place and guardrails are kept: requests may make them up."""

Groups = tuple[str, ...]
"""(account, group's id, …)"""


class CachedPolicies(ApplicablePolicies):
    """Users that have all of their policies through the same groups share one layer."""

    def __init__(self, directory: Directory) -> None:
        super().__init__(directory)
        self.callers: Bounded[str, KnownCaller] = Bounded(MAX_CALLERS)
        """By principal."""
        self.group_layers: Bounded[Groups, Layer] = Bounded(MAX_GROUP_LAYERS)
        self._members: dict[Groups, set[str]] = {}
        """The principals that share a layer."""
        self._dependents: dict[EntityKey, set[str | Groups]] = {}
        """The principals, and sets of groups, whose policies come from an entity."""
        self._documents: Documents = Bounded(MAX_DOCUMENTS)
        self._resources: Bounded[str, ResourceSide] = Bounded(MAX_RESOURCES)
        self._shared_sides: Bounded[tuple[object, ...], ResourceSide] = Bounded(MAX_RESOURCES)
        """By owner, and the entities that are known of a resource."""
        self._places: Bounded[str, Place | None] = Bounded(MAX_ACCOUNTS)
        self._scp: Bounded[str, Levels | None] = Bounded(MAX_ACCOUNTS)
        self._rcp: Bounded[str, Levels | None] = Bounded(MAX_ACCOUNTS)

    def layer(self, name: str, held: Iterable[sources.Source], why: Iterable[str] = ()) -> Layer:
        # What a request brings may be anything: nobody else has it.
        return IndexedLayer(name, held, why, self._documents if name != "session" else None)

    # The caller's side.

    def caller(self, principal: str) -> KnownCaller:
        """Raises MalformedArn, UnknownPrincipal."""
        found = self.callers.entries.get(principal)
        if found is not None:
            return found
        if self.callers.is_full:
            self.forget_callers()
        side = self.caller_side(principal)
        assert isinstance(side, KnownCaller)
        if side.caller.entity is None and is_stranger(self.directory, side.caller):
            return side  # made-up accounts and principals are not kept
        return self.callers.keep(principal, side)

    def side_of(self, caller: Caller) -> CallerSide:
        return KnownCaller(caller)

    def add_policies(self, side: CallerSide, entity: Entity) -> None:
        principal = side.caller.arn
        self._depend(entity.key, principal)
        shared = self._layer_of_groups(principal, entity)
        if shared is None:
            super().add_policies(side, entity)
            for key in sources.dependencies(self.directory, entity):
                self._depend(key, principal)
        else:
            side.identity = shared
            side.path_prefix = f"{entity.kind}/{entity.name}"
            boundary = sources.boundary_source(self.directory, entity)
            if boundary is not None:
                side.boundary = self.layer("permissions_boundary", [boundary])
        if side.boundary is not None:
            limit = sources.boundary_key(self.directory, entity)
            if limit is not None:
                self._depend(limit, principal)

    def _layer_of_groups(self, principal: str, entity: Entity) -> Layer | None:
        """The policies of a user that has all of them through groups; None for any other."""
        member_of = entity.group_ids
        if not member_of or entity.inline_policies or entity.attached_policies:
            return None
        if not entity.is_covered or entity.vanished is not None:
            return None
        groups = (entity.account, *member_of)
        found = self.group_layers.entries.get(groups)
        if found is None:
            held = sources.of_groups(self.directory, entity)
            if held is None:
                return None
            if self.group_layers.is_full:
                self._forget_group_layers()
            found = self.group_layers.keep(groups, self.layer("identity", held.sources))
            self._members[groups] = set()
            for key in held.depends:
                self._depend(key, groups)
        self._members[groups].add(principal)
        return found

    def _depend(self, key: EntityKey, dependent: str | Groups) -> None:
        held = self._dependents.get(key)
        if held is None:
            self._dependents[key] = {dependent}
        else:
            held.add(dependent)

    # The resource's side, and organisations.

    def usual_resource_side(self, resource: str, caller_account: str) -> ResourceSide:
        """What a request finds that says nothing of owner or VPC endpoint, as far as it does not depend on the
        action."""
        found = self._resources.entries.get(resource)
        if found is not None:
            return found
        entities = find_resources(self.directory, resource)
        owner = owner_of(resource, caller_account)
        if owner is None and entities:
            owner = entities[0].account
        if owner is None:
            found = self.side_of_resource(resource, entities, None, caller_account, None)
            if resource == "*" or found.is_common:
                return found  # whose that is, depends on the caller
            return self._resources.keep(resource, found)
        # All resources of an owner of which nothing is known have one side, and all objects of a bucket.
        known = (owner, *[entity.key for entity in entities])
        shared = self._shared_sides.entries.get(known)
        if shared is None:
            shared = self.side_of_resource(resource, entities, owner, caller_account, None)
            self._shared_sides.keep(known, shared)
        if resource == "*":
            return shared  # it is the caller's
        return self._resources.keep(resource, shared)

    def place(self, account: str) -> Place | None:
        entries = self._places.entries
        if account in entries:
            return entries[account]
        return self._places.keep(account, place_of(self.directory, account))

    def scp(self, account: str) -> Levels | None:
        entries = self._scp.entries
        if account in entries:
            return entries[account]
        return self._scp.keep(account, super().scp(account))

    def rcp(self, account: str) -> Levels | None:
        entries = self._rcp.entries
        if account in entries:
            return entries[account]
        return self._rcp.keep(account, super().rcp(account))

    # Forgetting.

    def forget_all(self) -> None:
        self._places.clear()
        self._scp.clear()
        self._rcp.clear()
        self.forget_resources()
        self.forget_callers()

    def forget_resources(self) -> None:
        self._resources.clear()
        self._shared_sides.clear()

    def forget_dependents(self, key: EntityKey) -> None:
        """Forgets the callers whose policies come from an entity."""
        concerned = self._dependents.pop(key, set())
        if key[1] == "policy":
            # Also what waits for a policy that was not known, by the account alone.
            concerned |= self._dependents.pop((key[0], "policy", ""), set())
        for each in concerned:
            if isinstance(each, str):
                self.callers.drop(each)
                continue
            self.group_layers.drop(each)
            for principal in self._members.pop(each, ()):
                self.callers.drop(principal)

    def forget_callers(self) -> None:
        self.callers.clear()
        self.group_layers.clear()
        self._members.clear()
        self._dependents.clear()
        self._documents.clear()

    def _forget_group_layers(self) -> None:
        """With the callers that share them."""
        for members in self._members.values():
            for principal in members:
                self.callers.drop(principal)
        self.group_layers.clear()
        self._members.clear()
