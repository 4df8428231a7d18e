"""The engine: what was compiled of one Directory, kept for the next request and forgotten where it changed."""

from __future__ import annotations

from domain.directory import Directory, Entity
from domain.facts import EntityKey
from domain.instants import format_instant
from domain.policy import sources
from domain.policy.caller import Caller, parse_caller
from domain.policy.cells import Layer
from domain.policy.context import Keys
from domain.policy.decide import Side, Target, decide
from domain.policy.exemptions import needs_resource_policy
from domain.policy.guardrails import Place, levels, place_of
from domain.policy.principals import find_resource, principal_arn, principal_entity
from domain.policy.request import Decision, Request
from domain.policy.resource_owner import owner_of
from domain.policy.resources import resource_sources

MAX_SIDES = 200_000
MAX_TARGETS = 100_000
_EVERYTHING = frozenset(("organization", "account"))


class Engine:
    """Decides over one Directory. `forget` must hear of every entity that changed."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._sides: dict[str, Side] = {}
        self._targets: dict[str, Target] = {}
        self._places: dict[str, Place | None] = {}
        self._dependents: dict[EntityKey, set[str]] = {}

    def decide(self, request: Request) -> Decision:
        """Raises MalformedArn and UnknownPrincipal for a principal that cannot be asked about."""
        side = self._sides.get(request.principal)
        if side is None:
            side = self.side(request.principal)
        if request.resource_account is None and "aws:sourcevpce" not in request.context:
            target = self._targets.get(request.resource)
            if target is None:
                target = self._remembered_target(request.resource, side.caller.account)
        else:
            target = self._target(request, side.caller.account)
        if target.policy is None and needs_resource_policy(request.action.lower(), request.resource):
            target = self._unseen_policy(target, request.resource)
        session = None
        if request.session_policies is not None:
            session = Layer("session", _session_sources(request.session_policies))
        return decide(request, side, target, session)

    def forget(self, key: EntityKey) -> None:
        """An entity changed: what was compiled from it is stale."""
        kind = key[1]
        if kind in _EVERYTHING:
            self._sides.clear()
            self._targets.clear()
            self._places.clear()
            self._dependents.clear()
            return
        if kind in ("resource", "role", "user"):
            self._targets.clear()
        concerned = self._dependents.pop(key, set())
        if kind == "policy":
            concerned |= self._dependents.pop((key[0], "policy", ""), set())
        for principal in concerned:
            self._sides.pop(principal, None)

    def side(self, principal: str) -> Side:
        """The policies of a principal, compiled. Raises MalformedArn, UnknownPrincipal."""
        found = self._sides.get(principal)
        if found is not None:
            return found
        caller = parse_caller(principal)
        entity = principal_entity(self.directory, caller)
        place = self._place(caller.account) if caller.account else None
        depends: list[EntityKey] = []
        side = Side(caller)
        keys = caller.keys
        if entity is not None:
            depends = _describe(self.directory, caller, entity)
            hidden = sources.unknowns(self.directory, entity)
            side.identity = Layer("identity", sources.identity_sources(self.directory, entity), hidden)
            boundary = entity.items("boundary").get("")
            if boundary is not None:
                side.boundary = Layer(
                    "permissions_boundary", [sources.boundary_source(self.directory, entity, boundary)]
                )
            elif hidden:
                # Where nothing was ever seen, a boundary may be too.
                side.boundary = Layer("permissions_boundary", (), hidden)
            depends += sources.dependencies(self.directory, entity)
        _add_clock(keys, self.directory)
        if place is not None:
            keys["aws:principalorgid"] = (place.organization_id,)
            keys["aws:principalorgpaths"] = (place.path,)
            side.scp = levels(place, "SERVICE_CONTROL_POLICY")
        if len(self._sides) >= MAX_SIDES:
            self._sides.clear()
            self._dependents.clear()
        self._sides[principal] = side
        for key in depends:
            self._dependents.setdefault(key, set()).add(principal)
        return side

    def _place(self, account: str) -> Place | None:
        if account not in self._places:
            self._places[account] = place_of(self.directory, account)
        return self._places[account]

    def _remembered_target(self, resource: str, account: str) -> Target:
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
        target = Target(owner, keys=_resource_keys(entity))
        if entity is not None:
            found = list(resource_sources(entity))
            if found:
                target.policy = Layer("resource", found)
        if owner is not None:
            place = self._place(owner)
            if place is not None:
                target.keys["aws:resourceorgid"] = (place.organization_id,)
                target.keys["aws:resourceorgpaths"] = (place.path,)
                target.rcp = levels(place, "RESOURCE_CONTROL_POLICY")
        endpoint = request.context.get("aws:sourcevpce")
        if endpoint:
            target.vpc_endpoint = self._endpoint_policy(endpoint[0])
        return target

    def _endpoint_policy(self, name: str) -> Layer | None:
        """The policy of a VPC endpoint, where the Directory has it; an endpoint without one allows all."""
        for resource in self.directory.of_kind("resource"):
            if resource.id.endswith(f":vpc-endpoint/{name}"):
                found = list(resource_sources(resource))
                return Layer("vpc_endpoint", found) if found else None
        return None

    def _unseen_policy(self, target: Target, resource: str) -> Target:
        """A key's or role's policy is always there: what was never seen is unknown, not absent."""
        twin = Target(target.owner, None, target.rcp, target.vpc_endpoint, dict(target.keys))
        twin.policy = Layer("resource", (), (f"the policy of {resource} was never seen",))
        return twin


def _session_sources(documents: tuple[str, ...]) -> list[sources.Source]:
    return [sources.Source(f"session[{i}]", "", document, ("session",)) for i, document in enumerate(documents)]


def _describe(directory: Directory, caller: Caller, entity: Entity) -> list[EntityKey]:
    """What the Directory knows of the caller, into its keys."""
    caller.unique_id = entity.id
    caller.begun = entity.begun
    keys = caller.keys
    keys["aws:principalarn"] = (principal_arn(entity),)
    value = entity.value("entity") or {}
    if entity.kind == "user":
        keys["aws:username"] = (entity.name,)
        keys["aws:userid"] = (entity.id,)
    else:
        caller.is_service_linked = (
            caller.is_service_linked
            or bool(value.get("service_linked"))
            or entity.path.startswith("/aws-service-role/")
        )
        if caller.kind == "session":
            keys["aws:userid"] = (f"{entity.id}:{caller.arn.rsplit('/', 1)[-1]}",)
    for key, fact in entity.items("tag").items():
        keys[f"aws:principaltag/{key.lower()}"] = (fact.value["value"],)
    return [entity.key]


def _add_clock(keys: Keys, directory: Directory) -> None:
    if directory.as_of is not None:
        keys["aws:currenttime"] = (format_instant(directory.as_of),)
        keys["aws:epochtime"] = (str(int(directory.as_of.timestamp())),)


def _resource_keys(entity: Entity | None) -> Keys:
    if entity is None:
        return {}
    keys: Keys = {}
    for key, fact in entity.items("tag").items():
        keys[f"aws:resourcetag/{key.lower()}"] = (fact.value["value"],)
        if entity.kind in ("user", "role"):
            keys[f"iam:resourcetag/{key.lower()}"] = (fact.value["value"],)
    return keys
