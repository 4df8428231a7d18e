# mypyc: compiled
"""AWS's evaluation of one request, step by step. The steps stand in the order of EVALUATION.md, which names the page of
each rule.

Nothing is kept, and no step is left out where it cannot change the answer: `engine` does both, and the laws of the
tests hold it to this.
"""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.conclusion import conclude
from erstwhile.domain.policy.evaluation.evaluation import Evaluation
from erstwhile.domain.policy.evaluation.exemptions import (
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    is_under_rcp,
    keeps_policy,
    needs_resource_policy,
)
from erstwhile.domain.policy.evaluation.impossible import is_impossible
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.logic import Grants, Verdicts
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.evaluation.session_names import combine_sessions, session_names
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Decision, Determining, Request
from erstwhile.domain.policy.language.kleene import Kleene, kleene_or

ROOT = Determining(effect="Allow", policy="account root", statement=0, path=("root",), layer="root")
FREE = Determining(effect="Allow", policy="no permission needed", statement=0, layer="aws")
NOT_SIGNED = Decision(effect="implicit_deny", blocked_by=("aws",))
WITH_IDENTITY_POLICIES = ("user", "role", "session")
"""Kinds of callers that have identity policies, and may have a permissions boundary."""
_WITHOUT_IDENTITY = ("service", "provider", "anonymous")
"""Kinds of callers that have no identity policies: service control policies have no say over them either."""
_UNSIGNED = ("anonymous", "provider")
"""Kinds of callers without credentials of AWS."""


def evaluate(request: Request, side: CallerSide, target: ResourceSide, session: Layer | None = None) -> Decision:
    """One decision. `session` are the session policies of this request, where it brings its own."""
    action = request.action.lower()
    # An operation that needs a signature and no permission.
    if action in NEEDS_NO_PERMISSION:
        return NOT_SIGNED if side.caller.kind in _UNSIGNED else Decision(effect="allow", determining=(FREE,))
    # A role stands for its sessions, where policies tell these apart.
    names = session_names(request, side.caller, target) if side.caller.kind == "role" else []
    if names:
        found = [_evaluate(request, side.caller.in_session(name), side, target, session) for name in names]
        return combine_sessions(found, side.caller)
    return _evaluate(request, side.caller, side, target, session)


def _evaluate(
    request: Request, caller: Caller, side: CallerSide, target: ResourceSide, session: Layer | None
) -> Decision:
    action = request.action.lower()
    has_boundary = caller.kind in WITH_IDENTITY_POLICIES and side.boundary is not None and bool(side.boundary.sources)
    evaluation = Evaluation(request, caller, target.keys, has_boundary)
    verdicts = Verdicts()
    verdicts.possible = not is_impossible(action, request.resource, caller)
    verdicts.rcp = _resource_control_policies(action, target, evaluation)
    verdicts.scp = _service_control_policies(action, side, evaluation)
    verdicts.vpc_endpoint = _endpoint_policy(action, target, evaluation)
    verdicts.grants = _resource_policy(action, target, evaluation)
    verdicts.needs_resource = needs_resource_policy(action, request.resource)
    if _has_identity(caller, action):
        verdicts.same_account = _is_same_account(caller, target)
        verdicts.identity = _identity_policies(action, side, evaluation)
        verdicts.boundary = _permissions_boundary(action, side, evaluation)
        verdicts.session = _session_policies(action, side, session, evaluation)
        if action == SESSION_TOKEN and caller.kind in ("user", "root"):
            # Users and roots need no permission for it.
            verdicts.identity = True
            evaluation.by_rule.append(FREE)
    else:
        # A caller without identity policies is allowed only by a statement that names it directly.
        verdicts.grants.as_role = verdicts.grants.as_account = False
        verdicts.needs_resource = True
    return conclude(evaluation, verdicts, side)


def _has_identity(caller: Caller, action: str) -> bool:
    """Whether the caller comes with identity policies; web and SAML identities bring no credentials."""
    return caller.kind not in _WITHOUT_IDENTITY and action not in WITHOUT_CREDENTIALS


def _resource_control_policies(action: str, target: ResourceSide, evaluation: Evaluation) -> Kleene:
    """Each level must allow; they reach some services, and no service-linked roles."""
    request = evaluation.request
    if target.rcp is None or evaluation.caller.is_service_linked:
        return True
    if not is_under_rcp(action, request.resource, request.context):
        return True
    return target.rcp.verdict(action, evaluation)


def _service_control_policies(action: str, side: CallerSide, evaluation: Evaluation) -> Kleene:
    """Each level must allow; they bind users and roles of the account, its root included, and nobody else."""
    caller = evaluation.caller
    if side.scp is None or caller.is_service_linked or not _has_identity(caller, action):
        return True
    return side.scp.verdict(action, evaluation)


def _endpoint_policy(action: str, target: ResourceSide, evaluation: Evaluation) -> Kleene:
    """A VPC endpoint's policy must allow, and grants nothing."""
    if target.vpc_endpoint is None:
        return True
    return target.vpc_endpoint.grants(action, evaluation).by_any_name()


def _resource_policy(action: str, target: ResourceSide, evaluation: Evaluation) -> Grants:
    """What the resource's policy gives the caller."""
    if target.policy is None:
        return Grants()
    if evaluation.caller.kind == "root" and keeps_policy(action, evaluation.resource):
        return _bucket_policy_for_root(action, target.policy, target.owner, evaluation)
    return target.policy.grants(action, evaluation)


def _bucket_policy_for_root(action: str, policy: Layer, owner: str | None, evaluation: Evaluation) -> Grants:
    """What a bucket's policy says to a root about itself: to the owner's, its denies do not count."""
    denies, denying = evaluation.denies, list(evaluation.denying)
    grants = policy.grants(action, evaluation)
    if evaluation.denies is denies:
        return grants
    if owner is None:
        # Whether the root is the owner's decides whether they count.
        evaluation.denies, evaluation.denying = kleene_or((denies, None)), denying
        evaluation.context.lacks("aws:ResourceAccount")
    elif owner == evaluation.caller.account:
        evaluation.denies, evaluation.denying = denies, denying
    return grants


def _is_same_account(caller: Caller, target: ResourceSide) -> Kleene:
    """Whether caller and resource are of one account: one side is enough then, else both must allow."""
    if target.owner is None:
        return True if target.is_common else None
    return target.owner in (caller.account, "aws")


def _identity_policies(action: str, side: CallerSide, evaluation: Evaluation) -> Kleene:
    """The root may everything; anybody else what an identity policy allows."""
    if evaluation.caller.kind == "root":
        evaluation.by_rule.append(ROOT)
        return True
    return side.identity.verdict(action, evaluation) if side.identity is not None else False


def _permissions_boundary(action: str, side: CallerSide, evaluation: Evaluation) -> Kleene:
    """A boundary must allow, and grants nothing."""
    return side.boundary.verdict(action, evaluation) if side.boundary is not None else True


def _session_policies(action: str, side: CallerSide, session: Layer | None, evaluation: Evaluation) -> Kleene:
    """Session policies must allow, and grant nothing. A federated user has what they let through: without any, none.

    Source, of the last: …/id_credentials_temp_control-access_getfederationtoken.html
    """
    limit = session if session is not None else side.session
    if limit is None:
        return evaluation.caller.kind != "federated_user"
    return limit.verdict(action, evaluation)
