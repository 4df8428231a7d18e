# mypyc: compiled
"""Deciding: the layers of one request are asked in AWS's order, and AWS's logic concludes."""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.evaluation import Evaluation, determining
from erstwhile.domain.policy.evaluation.exemptions import (
    KEY_ALIASES,
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    has_own_rules,
    is_under_rcp,
    keeps_policy,
    needs_resource_policy,
)
from erstwhile.domain.policy.evaluation.impossible import is_impossible
from erstwhile.domain.policy.evaluation.layers import Cell, Layer, Levels
from erstwhile.domain.policy.evaluation.logic import Verdicts
from erstwhile.domain.policy.evaluation.session_names import (
    USER_ID,
    reads_session_name,
    session_names,
    whatever_session,
)
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Decision, Determining, Request, Residual
from erstwhile.domain.policy.language.kleene import kleene_or
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues

ROOT = Determining(effect="Allow", policy="account root", statement=0, path=("root",), layer="root")
BY_ROOT = Decision(effect="allow", determining=(ROOT,))
NOT_BY_IDENTITY = Decision(effect="implicit_deny", blocked_by=("identity",))
FREE = Determining(effect="Allow", policy="no permission needed", statement=0, layer="aws")
NOT_SIGNED = Decision(effect="implicit_deny", blocked_by=("aws",))
_WITH_POLICIES = ("user", "role", "session")
"""Kinds of callers that have identity policies."""
_UNSIGNED = ("anonymous", "provider")
"""Kinds of callers without credentials of AWS."""
_WITHOUT_POLICIES = ("service", "provider", "anonymous")
"""Kinds of callers that have no identity policies: service control policies have no say over them either."""


class CallerSide:
    """The caller's side: its policies and what limits them. None: that layer does not apply."""

    __slots__ = ("boundary", "caller", "epoch", "identity", "prefix", "scp", "session", "settled")

    def __init__(
        self,
        caller: Caller,
        identity: Layer | None = None,
        boundary: Layer | None = None,
        scp: Levels | None = None,
        session: Layer | None = None,
    ) -> None:
        self.caller = caller
        self.identity = identity
        self.boundary = boundary
        self.scp = scp
        self.session = session
        self.prefix = ""
        """How the paths of the identity policies begin, where these are kept for several callers at once."""
        self.epoch = 0
        self.settled: dict[tuple[str, str], Decision | Varying] = {}
        """Decisions that were made, by action and resource: the one there is, where no context key is looked at."""


class Varying:
    """Decisions about one principal, action and resource, by mode and the values of the keys that they look at."""

    __slots__ = ("_by_values", "_keys", "_only", "is_timeless")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self.is_timeless = CLOCK.isdisjoint(keys)
        """Whether no key of the clock is looked at."""
        self._only = keys[0] if len(keys) == 1 else ""
        self._by_values: dict[tuple[object, ...], Decision] = {}

    def find(self, mode: str, context: ContextValues) -> Decision | None:
        if self._only:
            return self._by_values.get((mode, context.get(self._only)))
        return self._by_values.get(self._values(mode, context))

    def keep(self, mode: str, context: ContextValues, decision: Decision) -> None:
        if len(self._by_values) >= MAX_VALUES:
            self._by_values.clear()  # a clock, or somebody who makes values up
        self._by_values[self._values(mode, context)] = decision

    def _values(self, mode: str, context: ContextValues) -> tuple[object, ...]:
        return (mode, *[context.get(key) for key in self._keys])


CLOCK = frozenset(("aws:currenttime", "aws:epochtime"))
MAX_VALUES = 32
"""Contexts of one question whose decision is kept."""


class ResourceSide:
    """The resource's side. `owner` None: nobody knows whose it is. `is_common`: its ARN has no account, and it no
    policy of its own, so that only the caller's account has a say."""

    __slots__ = ("is_common", "is_plain", "keys", "owner", "policy", "rcp", "vpc_endpoint")

    def __init__(
        self,
        owner: str | None,
        policy: Layer | None = None,
        rcp: Levels | None = None,
        vpc_endpoint: Layer | None = None,
        keys: ContextDict | None = None,
        is_common: bool = False,
    ) -> None:
        self.owner = owner
        self.is_common = is_common
        self.policy = policy
        self.rcp = rcp
        self.vpc_endpoint = vpc_endpoint
        self.is_plain = policy is None and rcp is None and vpc_endpoint is None
        """Whether the resource's side says nothing of its own."""
        self.keys: ContextDict = keys or {}
        if owner is not None:
            self.keys.setdefault("aws:resourceaccount", (owner,))


def evaluate(request: Request, side: CallerSide, target: ResourceSide, session: Layer | None = None) -> Decision:
    """One decision. `session` are the session policies of this request, where it brings its own."""
    caller = side.caller
    is_unlimited = (
        target.is_plain and session is None and target.owner == caller.account
        and side.boundary is None and side.scp is None and side.session is None
    )  # fmt: skip
    if is_unlimited and side.identity is not None and caller.kind in _WITH_POLICIES:
        # Most requests meet nothing but identity policies, and these then say it all.
        alone = side.identity.alone(request.action)
        if alone is not None:
            return _conclude_alone(alone, Evaluation(request, caller, target.keys), side.prefix)
    action = request.action.lower()
    if action in NEEDS_NO_PERMISSION:
        return NOT_SIGNED if caller.kind in _UNSIGNED else Decision(effect="allow", determining=(FREE,))
    if is_unlimited and caller.kind == "root" and not has_own_rules(action):
        return BY_ROOT
    if caller.kind == "role":
        names = session_names(request, caller, target)
        if names:
            found = [_decide(request, caller.in_session(name), side, target, session) for name in names]
            return whatever_session(found, caller)
    return _decide(request, caller, side, target, session)


def _decide(
    request: Request, caller: Caller, side: CallerSide, target: ResourceSide, session: Layer | None
) -> Decision:
    action = request.action.lower()
    has_boundary = caller.kind in _WITH_POLICIES and side.boundary is not None and bool(side.boundary.sources)
    question = Evaluation(request, caller, target.keys, has_boundary)
    verdicts = Verdicts()
    verdicts.possible = not is_impossible(action, request.resource, caller)
    verdicts.needs_resource = needs_resource_policy(action, request.resource)
    has_identity = caller.kind not in _WITHOUT_POLICIES and action not in WITHOUT_CREDENTIALS
    is_linked = caller.is_service_linked
    if target.rcp is not None and not is_linked and is_under_rcp(action, request.resource, request.context):
        verdicts.rcp = target.rcp.judge(action, question)
    if side.scp is not None and has_identity and not is_linked:
        # They bind users and roles of the account, its root included: nobody else.
        verdicts.scp = side.scp.judge(action, question)
    if target.vpc_endpoint is not None:
        through = Verdicts()
        target.vpc_endpoint.resource_cell(action).judge(question, through)
        verdicts.vpc_endpoint = through.names_caller()
    if target.policy is not None:
        if caller.kind == "root" and keeps_policy(action, request.resource):
            _judge_for_owner(target, action, question, verdicts)
        else:
            target.policy.resource_cell(action).judge(question, verdicts)
    if has_identity:
        _judge_caller(action, side, target, session, question, verdicts)
    else:
        # Whoever has no identity policies gets what the resource's policy gives to just that name.
        verdicts.as_role = verdicts.as_account = False
        verdicts.needs_resource = True
    return _conclude(question, verdicts, side.prefix)


def _judge_for_owner(target: ResourceSide, action: str, question: Evaluation, verdicts: Verdicts) -> None:
    """What a bucket's policy says to a root about itself: to the owner's, its denies do not count."""
    assert target.policy is not None
    denies, denying = question.denies, list(question.denying)
    target.policy.resource_cell(action).judge(question, verdicts)
    if question.denies is denies:
        return
    if target.owner is None:
        # Whether the root is the owner's decides whether they count.
        question.denies, question.denying = kleene_or((denies, None)), denying
        question.context.lacks("aws:ResourceAccount")
    elif target.owner == question.caller.account:
        question.denies, question.denying = denies, denying


def _judge_caller(
    action: str, side: CallerSide, target: ResourceSide, session: Layer | None, question: Evaluation, verdicts: Verdicts
) -> None:
    """The caller's own policies, and what limits them."""
    owner, caller = target.owner, question.caller
    if owner is None:
        verdicts.same_account = True if target.is_common else None
    else:
        verdicts.same_account = owner in (caller.account, "aws")
    if caller.kind == "root":
        verdicts.identity = True
        question.beyond.append(ROOT)
    elif side.identity is not None:
        verdicts.identity = side.identity.cell(action).judge(question)
    if side.boundary is not None:
        verdicts.boundary = side.boundary.cell(action).judge(question)
    limit = session if session is not None else side.session
    if limit is not None:
        verdicts.session = limit.cell(action).judge(question)
    elif caller.kind == "federated_user":
        # It has of its user's permissions what the session policies let through: without any, none.
        # Source: …/id_credentials_temp_control-access_getfederationtoken.html
        verdicts.session = False
    if action == SESSION_TOKEN and caller.kind in ("user", "root"):
        verdicts.identity = True
        question.beyond.append(FREE)


def _conclude_alone(cell: Cell, question: Evaluation, prefix: str) -> Decision:
    allows = cell.judge(question)
    if question.denies is False:
        if allows is True:
            return Decision(effect="allow", determining=_told(question, prefix))
        if allows is False:
            return NOT_BY_IDENTITY
    verdicts = Verdicts()
    verdicts.identity = allows
    return _conclude(question, verdicts, prefix)


def _conclude(question: Evaluation, verdicts: Verdicts, prefix: str) -> Decision:
    denies = question.denies
    if denies is True:
        # An explicit deny in any layer settles it, whatever else is unknown.
        denying = question.denying
        return Decision(
            effect="explicit_deny",
            determining=tuple([determining(each, prefix) for each in denying]),
            blocked_by=tuple(dict.fromkeys([layer for _, _, layer in denying])),
        )
    allows = verdicts.allows()
    if allows is True and denies is False:
        return Decision(effect="allow", determining=_told(question, prefix))
    if allows is False:
        return Decision(effect="implicit_deny", blocked_by=verdicts.blocked_by())
    missing = set(question.missing)
    if verdicts.same_account is None and allows is None:
        missing.add("aws:ResourceAccount")
    return Decision(
        effect="conditional",
        determining=_told(question, prefix),
        missing_context=tuple(sorted(missing)),
        residual=_residual(question),
        unknown=tuple(dict.fromkeys(question.unknown)),
    )


def _told(question: Evaluation, prefix: str) -> tuple[Determining, ...]:
    """All that allows, as an answer tells it."""
    return (*question.beyond, *[determining(each, prefix) for each in question.allowing])


def _residual(question: Evaluation) -> tuple[Residual, ...]:
    return tuple(
        Residual(
            effect="Allow" if statement.allows else "Deny",
            policy=source.policy,
            statement=statement.statement.index,
            operator=condition.entry.operator,
            key=condition.entry.key,
            values=condition.entry.values,
        )
        for statement, source, _ in question.undecided
        for condition in statement.conditions
        if condition.holds(question.context) is None
    )


def keys_read(side: CallerSide, target: ResourceSide, action: str, resource: str) -> tuple[str, ...]:
    """The context keys that the statements about this may look at."""
    if side.identity is not None and side.boundary is None and side.scp is None and target.is_plain:
        alone = side.identity.alone(action)
        if alone is not None:
            return tuple(sorted(alone.keys_read(resource)))
    action = action.lower()
    found: set[str] = set()
    if side.caller.kind == "role" and reads_session_name(side.caller, target):
        found.add(USER_ID)
    if target.rcp is not None and action.startswith("kms:"):
        found.update(KEY_ALIASES)
    layers = [layer for layer in (side.identity, side.boundary) if layer is not None]
    for guardrails in (side.scp, target.rcp):
        layers += guardrails.layers if guardrails is not None else ()
    for layer in layers:
        found |= layer.cell(action).keys_read(resource)
    if target.policy is not None:
        found |= target.policy.resource_cell(action).keys_read(resource)
    return tuple(sorted(found))
