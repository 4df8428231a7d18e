# mypyc: compiled
"""Finds the policies that bear on a request in a Directory, and evaluates it by them: plainly, keeping nothing."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.exemptions import needs_resource_policy
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS, GuardrailType, Place, guardrail_levels, place_of
from erstwhile.domain.policy.inputs.known_keys import add_known, identify, resource_keys
from erstwhile.domain.policy.inputs.principals import find_resources, is_stranger, principal_entity
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.resource_owner import is_common, owner_of
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import account_in, is_account_id


def evaluate_in(directory: Directory, request: Request) -> Decision:
    """What `authorize` answers, worked out from the beginning. Raises MalformedArn, UnknownPrincipal."""
    policies = ApplicablePolicies(directory)
    side = policies.caller_side(request.principal)
    target = policies.resource_side(request, side.caller.account)
    return evaluate(request, side, target, policies.session_layer(request))


class ApplicablePolicies:
    """The policies of callers and resources of one Directory. `engine` keeps what this makes, in a class of its own."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory

    def layer(self, name: str, held: Iterable[sources.Source], why: Iterable[str] = ()) -> Layer:
        return Layer(name, held, why)

    # The caller's side.

    def caller_side(self, principal: str) -> CallerSide:
        """Raises MalformedArn, UnknownPrincipal."""
        caller = self._caller(principal)
        side = self.side_of(caller)
        if caller.account:
            side.scp = self.scp(caller.account)
        if caller.entity is not None:
            self.add_policies(side, caller.entity)
        elif is_stranger(self.directory, caller):
            self._add_unseen(side)
        elif caller.kind == "federated_user":
            # Its ARN does not say whose session it is, and so not of whose policies it has a part.
            side.identity = self.layer("identity", (), (f"whose session {principal} is, and what that user may",))
        return side

    def side_of(self, caller: Caller) -> CallerSide:
        """A side without policies yet."""
        return CallerSide(caller)

    def _caller(self, principal: str) -> Caller:
        entity = self.directory.with_arn(principal)
        if entity is not None and entity.kind == "user":
            caller = Caller(principal, "user", entity.account)
        elif entity is not None and entity.kind == "role":
            caller = Caller(principal, "role", entity.account, entity.name)
        else:
            caller = parse_caller(principal)
            entity = principal_entity(self.directory, caller)
        caller.known = self.add_known
        if entity is not None:
            identify(caller, entity)
        return caller

    def add_known(self, caller: Caller, keys: ContextDict) -> None:
        """Adds the condition keys of a caller that the Directory knows."""
        place = self.place(caller.account) if caller.account else None
        add_known(caller, place, self.directory.as_of, keys)

    def add_policies(self, side: CallerSide, entity: Entity) -> None:
        """The identity policies and the permissions boundary of a user or role."""
        directory = self.directory
        hidden = sources.unknowns(directory, entity)
        side.identity = self.layer("identity", sources.identity_sources(directory, entity), hidden)
        boundary = sources.boundary_source(directory, entity)
        if boundary is not None:
            side.boundary = self.layer("permissions_boundary", [boundary])
        elif sources.never_seen(directory, entity):
            # Where nothing was ever seen, a boundary may be too.
            side.boundary = self.layer("permissions_boundary", (), hidden)

    def _add_unseen(self, side: CallerSide) -> None:
        """A caller of an account of which nothing is known."""
        caller = side.caller
        if not is_account_id(caller.account):
            # AWS's own (arn:aws:iam::cloudfront:user/…): the resource's policy alone decides.
            side.identity = self.layer("identity", [sources.Source("AWS's own principal", "", FULL_ACCESS)])
            return
        unseen = (f"the policies of {caller.arn} were never seen",)
        side.identity = self.layer("identity", (), unseen)
        if caller.kind == "federated_user":
            side.session = self.layer("session", (), unseen)
        else:
            side.boundary = self.layer("permissions_boundary", (), unseen)

    def session_layer(self, request: Request) -> Layer | None:
        """The session policies that a request brings."""
        documents = request.session_policies
        if documents is None:
            return None
        held = [sources.Source(f"session[{i}]", "", text, ("session",)) for i, text in enumerate(documents)]
        return self.layer("session", held)

    # The resource's side.

    def resource_side(self, request: Request, caller_account: str) -> ResourceSide:
        """What a caller of an account finds on the resource's side."""
        return self.with_unseen_policy(self.known_resource_side(request, caller_account), request)

    def known_resource_side(self, request: Request, caller_account: str) -> ResourceSide:
        """As far as it does not depend on the action."""
        entities = find_resources(self.directory, request.resource)
        owner = request.resource_account or owner_of(request.resource, caller_account)
        if owner is None and entities:
            owner = entities[0].account
        endpoint = request.context.get("aws:sourcevpce")
        through = self._endpoint_policy(endpoint[0]) if endpoint else None
        return self.side_of_resource(request.resource, entities, owner, caller_account, through)

    def side_of_resource(
        self, resource: str, entities: list[Entity], owner: str | None, caller_account: str, through: Layer | None
    ) -> ResourceSide:
        """`entities`: those whose policies are about it, itself first; `through`: the VPC endpoint's policy."""
        keys: ContextDict = {}
        policy = None
        if entities:
            keys = resource_keys(entities[0])
            found = [source for entity in entities for source in resource_sources(entity)]
            policy = self.layer("resource", found) if found else None
        is_shared = owner is None and ":s3:::" not in resource and is_common(resource)
        rcp = None
        place = self.place(owner) if owner is not None else None
        if owner is not None and place is not None:
            keys["aws:resourceorgid"] = (place.organization_id,)
            keys["aws:resourceorgpaths"] = (place.path,)
            rcp = self.rcp(owner)
        elif is_shared:
            rcp = self.rcp(caller_account)
        return ResourceSide(owner, policy, rcp, through, keys, is_shared)

    def with_unseen_policy(self, target: ResourceSide, request: Request) -> ResourceSide:
        """A key's or role's policy is always there: what was never seen is unknown, not absent. But a governed account
        has no roles that are not known, and nobody can assume one that is not there."""
        resource = request.resource
        if target.policy is not None or not (":key/" in resource or ":role/" in resource):
            return target
        if not needs_resource_policy(request.action.lower(), resource):
            return target
        if ":role/" in resource and self.directory.mode(account_in(resource)) in ("governed", NOT_YET):
            return target
        unseen = self.layer("resource", (), (f"the policy of {resource} was never seen",))
        return ResourceSide(target.owner, unseen, target.rcp, target.vpc_endpoint, target.keys, target.is_common)

    def _endpoint_policy(self, name: str) -> Layer | None:
        """The policy of a VPC endpoint, where the Directory has it; an endpoint without one allows all."""
        for resource in self.directory.vpc_endpoints():
            if resource.id.endswith(f":vpc-endpoint/{name}"):
                found = list(resource_sources(resource))
                return self.layer("vpc_endpoint", found) if found else None
        return None

    # Organisations.

    def place(self, account: str) -> Place | None:
        """Where an account stands in its organisation."""
        return place_of(self.directory, account)

    def scp(self, account: str) -> Levels | None:
        """The service control policies over an account; None where none reach it."""
        return self.guardrails("scp", account, "SERVICE_CONTROL_POLICY")

    def rcp(self, account: str) -> Levels | None:
        """The resource control policies over an account; None where none reach it."""
        return self.guardrails("rcp", account, "RESOURCE_CONTROL_POLICY")

    def guardrails(self, name: str, account: str, kind: GuardrailType) -> Levels | None:
        """Those of one kind over an account; None where they do not reach it."""
        place = self.place(account)
        levels = guardrail_levels(place, kind) if place is not None else None
        return Levels([self.layer(name, level) for level in levels]) if levels is not None else None
