# mypyc: compiled
"""The engine: what was compiled of one Directory, kept for the next request and forgotten where it changed."""

from __future__ import annotations

from msgspec.structs import astuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.engine.caller_cache import CallerCache
from erstwhile.domain.policy.evaluation.evaluate import CallerSide, ResourceSide, Varying, evaluate, keys_read
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.accounts import Accounts
from erstwhile.domain.policy.inputs.context import ENCRYPTION_KEYS
from erstwhile.domain.policy.inputs.known_keys import resource_keys
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.resource_owner import is_common, owner_of
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.vocabulary.context_values import ContextDict

MAX_TARGETS = 100_000
MAX_SETTLED = 4_000
"""Decisions of one principal that are kept."""
_EVERYTHING = frozenset(("organization", "account"))


class DecisionEngine:
    """Decides over one Directory. `forget` must hear of every entity that changed."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.accounts = Accounts(directory)
        self.sides = CallerCache(directory, self.accounts)
        self._held = self.sides.held
        self._targets: dict[str, ResourceSide] = {}
        self._epoch = 1  # of the targets: what was settled in an earlier one may not hold
        self._endpoints: bool | None = None

    def evaluate(self, request: Request) -> Decision:
        """Raises MalformedArn and UnknownPrincipal for a principal that cannot be asked about."""
        # All fields at once: where this is compiled, reading them one by one takes longer than all the rest.
        principal, action, resource, account, context, session_policies, mode = astuple(request)
        side = self._held.get(principal)
        if side is None:
            side = self.sides.of(principal)
        elif account is None and session_policies is None and side.epoch == self._epoch:
            settled = side.settled.get((action, resource))
            if settled is not None:
                if not isinstance(settled, Varying):
                    return settled
                decision = settled.find(mode, context)
                if decision is not None:
                    return decision
        return self._decide(request, side)

    def is_lasting(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and depends on no clock."""
        if request.resource_account or request.session_policies:
            return False
        settled = self._settled(request)
        if isinstance(settled, Varying):
            return settled.is_timeless and settled.find(request.mode, request.context) is not None
        return settled is not None

    def is_context_free(self, request: Request) -> bool:
        """Whether the decision of a request is kept, and looks at no condition key: caller, action and resource settle
        it."""
        return isinstance(self._settled(request), Decision)

    def _settled(self, request: Request) -> Decision | Varying | None:
        side = self._held.get(request.principal)
        if side is None or side.epoch != self._epoch:
            return None
        return side.settled.get((request.action, request.resource))

    def _decide(self, request: Request, side: CallerSide) -> Decision:
        account = side.caller.account
        is_usual = is_usual_request(request)
        target = self.target(request, account)
        if request.session_policies is not None:
            return evaluate(request, side, target, Layer("session", _session_sources(request.session_policies)))
        decision = evaluate(request, side, target)
        if is_usual:
            self._settle(request, side, target, decision)
        return decision

    def target(self, request: Request, account: str) -> ResourceSide:
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

    def side(self, principal: str) -> CallerSide:
        """The policies of a principal, compiled. Raises MalformedArn, UnknownPrincipal."""
        return self.sides.of(principal)

    def _settle(self, request: Request, side: CallerSide, target: ResourceSide, decision: Decision) -> None:
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
            keys = keys_read(side, target, request.action, request.resource)
            if ENCRYPTION_KEYS in keys:
                return  # it is made of all keys of the encryption context
            if not keys:
                side.settled[key] = decision
                return
            settled = side.settled[key] = Varying(keys)
        if isinstance(settled, Varying):
            settled.keep(request.mode, request.context, decision)

    def _has_endpoints(self) -> bool:
        """Whether a policy of a VPC endpoint may have a say, which depends on the context."""
        if self._endpoints is None:
            self._endpoints = any(":vpc-endpoint/" in resource.id for resource in self.directory.of_kind("resource"))
        return self._endpoints

    def forget(self, key: EntityKey) -> None:
        """An entity changed: what was compiled from it is stale."""
        kind = key[1]
        if kind in _EVERYTHING:
            self.accounts.clear()
            self.sides.clear()
            self._forget_targets()
            return
        if kind in ("resource", "role", "user"):
            self._forget_targets()
            if kind == "resource":
                self._endpoints = None  # to tell again, all entities are looked at
        self.sides.forget(key)

    def _forget_targets(self) -> None:
        self._targets.clear()
        self._epoch += 1

    def _usual_target(self, resource: str, account: str) -> ResourceSide:
        target = self._targets.get(resource)
        if target is not None:
            return target
        target = self._target(Request(principal="", action="", resource=resource), account)
        if resource != "*" and not target.is_common:  # whose that is, depends on the caller
            if len(self._targets) >= MAX_TARGETS:
                self._targets.clear()
            self._targets[resource] = target
        return target

    def _target(self, request: Request, caller_account: str) -> ResourceSide:
        entities = find_resources(self.directory, request.resource)
        owner = request.resource_account or owner_of(request.resource, caller_account)
        if owner is None and entities:
            owner = entities[0].account
        keys: ContextDict = {}
        policy = None
        if entities:
            keys = resource_keys(entities[0])
            found = [source for entity in entities for source in resource_sources(entity)]
            policy = Layer("resource", found) if found else None
        is_shared = owner is None and ":s3:::" not in request.resource and is_common(request.resource)
        rcp = None
        place = self.accounts.place(owner) if owner is not None else None
        if owner is not None and place is not None:
            keys["aws:resourceorgid"] = (place.organization_id,)
            keys["aws:resourceorgpaths"] = (place.path,)
            rcp = self.accounts.rcp(owner)
        elif is_shared:
            rcp = self.accounts.rcp(caller_account)
        endpoint = request.context.get("aws:sourcevpce")
        through = self._endpoint_policy(endpoint[0]) if endpoint else None
        return ResourceSide(owner, policy, rcp, through, keys, is_shared)

    def _endpoint_policy(self, name: str) -> Layer | None:
        """The policy of a VPC endpoint, where the Directory has it; an endpoint without one allows all."""
        for resource in self.directory.of_kind("resource"):
            if resource.id.endswith(f":vpc-endpoint/{name}"):
                found = list(resource_sources(resource))
                return Layer("vpc_endpoint", found) if found else None
        return None

    def _unseen_policy(self, target: ResourceSide, resource: str) -> ResourceSide:
        """A key's or role's policy is always there: what was never seen is unknown, not absent."""
        unseen = Layer("resource", (), (f"the policy of {resource} was never seen",))
        return ResourceSide(target.owner, unseen, target.rcp, target.vpc_endpoint, target.keys, target.is_common)


def is_usual_request(request: Request) -> bool:
    """Whether the resource's side follows from the resource alone."""
    return request.resource_account is None and "aws:sourcevpce" not in request.context


def _may_need_policy(resource: str) -> bool:
    """A quick no for most resources."""
    return ":key/" in resource or ":role/" in resource


def _session_sources(documents: tuple[str, ...]) -> list[sources.Source]:
    return [sources.Source(f"session[{i}]", "", document, ("session",)) for i, document in enumerate(documents)]
