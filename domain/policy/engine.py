"""The engine: what was compiled of one Directory, kept for the next request and forgotten where it changed."""

from __future__ import annotations

from domain.directory import Directory, Entity
from domain.facts import EntityKey
from domain.policy import sources
from domain.policy.caller import parse_caller, user_caller
from domain.policy.cells import Layer, Levels
from domain.policy.decide import Settled, Side, Target, decide, keys_read
from domain.policy.exemptions import needs_resource_policy
from domain.policy.guardrails import Place, levels, place_of
from domain.policy.known_keys import add_clock, describe, resource_keys
from domain.policy.principals import find_resource, principal_entity
from domain.policy.request import Decision, Request
from domain.policy.resource_owner import owner_of
from domain.policy.resources import resource_sources

MAX_SIDES = 200_000
MAX_TARGETS = 100_000
MAX_SETTLED = 4_000
"""Decisions of one principal that are kept."""
MAX_SHARED = 10_000
"""Sets of groups whose policies are kept."""
Groups = tuple[str, ...]
"""(account, group's id, …)"""
_EVERYTHING = frozenset(("organization", "account"))


class Engine:
    """Decides over one Directory. `forget` must hear of every entity that changed."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._sides: dict[str, Side] = {}
        self._targets: dict[str, Target] = {}
        self._of_groups: dict[Groups, Layer] = {}
        """What users have through groups alone: one layer for all that are in the same."""
        self._members: dict[Groups, set[str]] = {}
        """The principals that share it."""
        self._places: dict[str, Place | None] = {}
        self._dependents: dict[EntityKey, set[str | Groups]] = {}
        self._epoch = 1  # of the targets: what was settled in an earlier one may not hold
        self._endpoints: bool | None = None

    def decide(self, request: Request) -> Decision:
        """Raises MalformedArn and UnknownPrincipal for a principal that cannot be asked about."""
        side = self._sides.get(request.principal)
        if side is None:
            side = self.side(request.principal)
        elif request.resource_account is None and request.session_policies is None and side.epoch == self._epoch:
            settled = side.settled.get((request.action, request.resource))
            if settled is not None:
                decision = settled.find(request)
                if decision is not None:
                    return decision
        return self._decide(request, side)

    def is_lasting(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and depends on no clock."""
        side = self._sides.get(request.principal)
        if side is None or side.epoch != self._epoch or request.resource_account or request.session_policies:
            return False
        settled = side.settled.get((request.action, request.resource))
        return settled is not None and settled.is_timeless and settled.find(request) is not None

    def is_context_free(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and looks at no condition key: caller, action and resource settle
        it."""
        side = self._sides.get(request.principal)
        if side is None or side.epoch != self._epoch:
            return False
        settled = side.settled.get((request.action, request.resource))
        return settled is not None and settled.is_fixed

    def _decide(self, request: Request, side: Side) -> Decision:
        account = side.caller.account
        is_usual = is_usual_request(request)
        target = self.target(request, account)
        if request.session_policies is not None:
            return decide(request, side, target, Layer("session", _session_sources(request.session_policies)))
        decision = decide(request, side, target)
        if is_usual:
            self._settle(request, side, target, decision)
        return decision

    def target(self, request: Request, account: str) -> Target:
        """The resource's side, as a caller of an account finds it."""
        if is_usual_request(request):
            target = self._usual_target(request.resource, account)
        else:
            target = self._target(request, account)
        if (
            target.policy is None
            and _may_need_policy(request.resource)
            and needs_resource_policy(request.action.lower(), request.resource)
        ):
            return self._unseen_policy(target, request.resource)
        return target

    def guardrails(self, account: str) -> Levels | None:
        """The service control policies over an account."""
        place = self._place(account)
        return levels(place, "SERVICE_CONTROL_POLICY") if place is not None else None

    def _settle(self, request: Request, side: Side, target: Target, decision: Decision) -> None:
        """Keeps a decision, by the values of the context keys that it may depend on."""
        if side.epoch != self._epoch:
            side.settled.clear()
            side.epoch = self._epoch
        key = (request.action, request.resource)
        if self._has_endpoints():
            return
        settled = side.settled.get(key)
        if settled is None:
            if len(side.settled) >= MAX_SETTLED:
                side.settled.clear()
            keys = keys_read(side, target, request.action.lower(), request.resource)
            settled = side.settled[key] = Settled(keys)
        settled.keep(request, decision)

    def _has_endpoints(self) -> bool:
        """Whether a policy of a VPC endpoint may have a say, which depends on the context."""
        if self._endpoints is None:
            self._endpoints = any(":vpc-endpoint/" in resource.id for resource in self.directory.of_kind("resource"))
        return self._endpoints

    def forget(self, key: EntityKey) -> None:
        """An entity changed: what was compiled from it is stale."""
        kind = key[1]
        if kind in _EVERYTHING:
            self._sides.clear()
            self._of_groups.clear()
            self._members.clear()
            self._forget_targets()
            self._places.clear()
            self._dependents.clear()
            return
        if kind in ("resource", "role", "user"):
            self._forget_targets()
            if kind == "resource":
                self._endpoints = None  # to tell again, all entities are looked at
        concerned = self._dependents.pop(key, set())
        if kind == "policy":
            concerned |= self._dependents.pop((key[0], "policy", ""), set())
        for each in concerned:
            if isinstance(each, str):
                self._sides.pop(each, None)
                continue
            self._of_groups.pop(each, None)
            for principal in self._members.pop(each, ()):
                self._sides.pop(principal, None)

    def _forget_targets(self) -> None:
        self._targets.clear()
        self._epoch += 1

    def side(self, principal: str) -> Side:
        """The policies of a principal, compiled. Raises MalformedArn, UnknownPrincipal."""
        found = self._sides.get(principal)
        if found is not None:
            return found
        if len(self._sides) >= MAX_SIDES:
            self._sides.clear()
            self._dependents.clear()
            self._of_groups.clear()
            self._members.clear()
        entity = self.directory.by_arn.get(principal)
        if entity is not None and entity.kind == "user":
            caller = user_caller(principal, entity.account)
        else:
            caller = parse_caller(principal)
            entity = principal_entity(self.directory, caller)
        place = self._place(caller.account) if caller.account else None
        depends: list[EntityKey] = []
        side = Side(caller)
        keys = caller.keys
        if entity is not None:
            describe(caller, entity)
            depends = [entity.key]
            side.identity = self._through_groups(principal, entity)
            hidden: list[str] = []
            if side.identity is not None:
                side.prefix = f"{entity.kind}/{entity.name}"
                depends += sources.boundary_dependencies(self.directory, entity)
            else:
                hidden = sources.unknowns(self.directory, entity)
                side.identity = Layer("identity", sources.identity_sources(self.directory, entity), hidden)
                depends += sources.dependencies(self.directory, entity)
            boundary = entity.items("boundary").get("")
            if boundary is not None:
                side.boundary = Layer(
                    "permissions_boundary", [sources.boundary_source(self.directory, entity, boundary)]
                )
            elif hidden:
                # Where nothing was ever seen, a boundary may be too.
                side.boundary = Layer("permissions_boundary", (), hidden)
        add_clock(keys, self.directory)
        if place is not None:
            keys["aws:principalorgid"] = (place.organization_id,)
            keys["aws:principalorgpaths"] = (place.path,)
            side.scp = levels(place, "SERVICE_CONTROL_POLICY")
        self._sides[principal] = side
        for key in depends:
            self._dependents.setdefault(key, set()).add(principal)
        return side

    def _through_groups(self, principal: str, entity: Entity) -> Layer | None:
        """The policies of a user that has all of them through groups; None for any other."""
        member_of = entity.items("member_of")
        if not member_of or entity.items("inline") or entity.items("attached") or not entity.is_covered:
            return None
        groups = (entity.account, *member_of)
        found = self._of_groups.get(groups)
        if found is None:
            held = sources.of_groups(self.directory, entity)
            if held is None:
                return None
            if len(self._of_groups) >= MAX_SHARED:
                self._forget_shared()
            found = self._of_groups[groups] = Layer("identity", held.sources)
            for key in held.depends:
                self._dependents.setdefault(key, set()).add(groups)
        members = self._members.get(groups)
        if members is None:
            self._members[groups] = {principal}
        else:
            members.add(principal)
        return found

    def _forget_shared(self) -> None:
        """With the sides that rest on it."""
        for members in self._members.values():
            for principal in members:
                self._sides.pop(principal, None)
        self._of_groups.clear()
        self._members.clear()

    def _place(self, account: str) -> Place | None:
        if account not in self._places:
            self._places[account] = place_of(self.directory, account)
        return self._places[account]

    def _usual_target(self, resource: str, account: str) -> Target:
        target = self._targets.get(resource)
        if target is not None:
            return target
        target = self._target(Request(principal="", action="", resource=resource), account)
        if resource != "*":  # whose that is, depends on the caller
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            self._targets[resource] = target
        return target

    def _target(self, request: Request, caller_account: str) -> Target:
        entity = find_resource(self.directory, request.resource)
        owner = request.resource_account or owner_of(request.resource, caller_account)
        if owner is None and entity is not None:
            owner = entity.account
        keys = resource_keys(entity)
        found = list(resource_sources(entity)) if entity is not None else []
        policy = Layer("resource", found) if found else None
        rcp = None
        place = self._place(owner) if owner is not None else None
        if place is not None:
            keys["aws:resourceorgid"] = (place.organization_id,)
            keys["aws:resourceorgpaths"] = (place.path,)
            rcp = levels(place, "RESOURCE_CONTROL_POLICY")
        endpoint = request.context.get("aws:sourcevpce")
        through = self._endpoint_policy(endpoint[0]) if endpoint else None
        return Target(owner, policy, rcp, through, keys)

    def _endpoint_policy(self, name: str) -> Layer | None:
        """The policy of a VPC endpoint, where the Directory has it; an endpoint without one allows all."""
        for resource in self.directory.of_kind("resource"):
            if resource.id.endswith(f":vpc-endpoint/{name}"):
                found = list(resource_sources(resource))
                return Layer("vpc_endpoint", found) if found else None
        return None

    def _unseen_policy(self, target: Target, resource: str) -> Target:
        """A key's or role's policy is always there: what was never seen is unknown, not absent."""
        unseen = Layer("resource", (), (f"the policy of {resource} was never seen",))
        return Target(target.owner, unseen, target.rcp, target.vpc_endpoint, target.keys)


def is_usual_request(request: Request) -> bool:
    """Whether the resource's side follows from the resource alone."""
    return request.resource_account is None and "aws:sourcevpce" not in request.context


def _may_need_policy(resource: str) -> bool:
    """A quick no for most resources."""
    return ":key/" in resource or ":role/" in resource


def _session_sources(documents: tuple[str, ...]) -> list[sources.Source]:
    return [sources.Source(f"session[{i}]", "", document, ("session",)) for i, document in enumerate(documents)]
