"""Deciding: the layers of one request are asked in AWS's order, and AWS's logic concludes."""

from __future__ import annotations

from erstwhile.domain.policy.caller import Caller
from erstwhile.domain.policy.cells import Cell, Layer, Levels
from erstwhile.domain.policy.context import Keys
from erstwhile.domain.policy.exemptions import (
    APART,
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    is_under_rcp,
    needs_resource_policy,
)
from erstwhile.domain.policy.logic import Verdicts
from erstwhile.domain.policy.question import Question, determining
from erstwhile.domain.policy.request import Decision, Determining, Given, Request, Residual

ROOT = Determining(effect="Allow", policy="account root", statement=0, path=("root",), layer="root")
BY_ROOT = Decision(effect="allow", determining=(ROOT,))
NOT_BY_IDENTITY = Decision(effect="implicit_deny", blocked_by=("identity",))
FREE = Determining(effect="Allow", policy="no permission needed", statement=0, layer="aws")
_WITH_POLICIES = ("user", "role", "session")
"""Kinds of callers that have identity policies."""


class Side:
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

    def find(self, mode: str, context: Given) -> Decision | None:
        if self._only:
            return self._by_values.get((mode, context.get(self._only)))
        return self._by_values.get(self._values(mode, context))

    def keep(self, mode: str, context: Given, decision: Decision) -> None:
        if len(self._by_values) >= MAX_VALUES:
            self._by_values.clear()  # a clock, or somebody who makes values up
        self._by_values[self._values(mode, context)] = decision

    def _values(self, mode: str, context: Given) -> tuple[object, ...]:
        return (mode, *[context.get(key) for key in self._keys])


CLOCK = frozenset(("aws:currenttime", "aws:epochtime"))
MAX_VALUES = 32
"""Contexts of one question whose decision is kept."""


class Target:
    """The resource's side. `owner` None: nobody knows whose it is."""

    __slots__ = ("is_plain", "keys", "owner", "policy", "rcp", "vpc_endpoint")

    def __init__(
        self,
        owner: str | None,
        policy: Layer | None = None,
        rcp: Levels | None = None,
        vpc_endpoint: Layer | None = None,
        keys: Keys | None = None,
    ) -> None:
        self.owner = owner
        self.policy = policy
        self.rcp = rcp
        self.vpc_endpoint = vpc_endpoint
        self.is_plain = policy is None and rcp is None and vpc_endpoint is None
        """Whether the resource's side says nothing of its own."""
        self.keys: Keys = keys or {}
        if owner is not None:
            self.keys.setdefault("aws:resourceaccount", (owner,))


def decide(request: Request, side: Side, target: Target, session: Layer | None = None) -> Decision:
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
            return _conclude_alone(alone, Question(request, caller, target.keys), side.prefix)
    action = request.action.lower()
    if action in NEEDS_NO_PERMISSION:
        return Decision(effect="allow", determining=(FREE,))
    if is_unlimited and caller.kind == "root" and action.partition(":")[0] not in APART:
        return BY_ROOT
    question = Question(request, caller, target.keys)
    verdicts = Verdicts()
    verdicts.needs_resource = needs_resource_policy(action, request.resource)
    if target.rcp is not None and not caller.is_service_linked and is_under_rcp(action):
        verdicts.rcp = target.rcp.judge(action, question)
    if side.scp is not None and not caller.is_service_linked:
        verdicts.scp = side.scp.judge(action, question)
    if target.vpc_endpoint is not None:
        through = Verdicts()
        target.vpc_endpoint.resource_cell(action).judge(question, through)
        verdicts.vpc_endpoint = through.names_caller()
    if target.policy is not None:
        target.policy.resource_cell(action).judge(question, verdicts)
    if caller.kind in ("service", "provider", "anonymous") or action in WITHOUT_CREDENTIALS:
        # Whoever has no identity policies gets what the resource's policy gives to just that name.
        verdicts.as_role = verdicts.as_account = False
        verdicts.needs_resource = True
    else:
        owner = target.owner
        verdicts.same_account = None if owner is None else owner in (caller.account, "aws")
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
        if action == SESSION_TOKEN and caller.kind in ("user", "root"):
            verdicts.identity = True
            question.beyond.append(FREE)
    return _conclude(question, verdicts, side.prefix)


def _conclude_alone(cell: Cell, question: Question, prefix: str) -> Decision:
    allows = cell.judge(question)
    if question.denies is False:
        if allows is True:
            return Decision(effect="allow", determining=_told(question, prefix))
        if allows is False:
            return NOT_BY_IDENTITY
    verdicts = Verdicts()
    verdicts.identity = allows
    return _conclude(question, verdicts, prefix)


def _conclude(question: Question, verdicts: Verdicts, prefix: str) -> Decision:
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


def _told(question: Question, prefix: str) -> tuple[Determining, ...]:
    """All that allows, as an answer tells it."""
    return (*question.beyond, *[determining(each, prefix) for each in question.allowing])


def _residual(question: Question) -> tuple[Residual, ...]:
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


def keys_read(side: Side, target: Target, action: str, resource: str) -> tuple[str, ...]:
    """The context keys that the statements about this may look at."""
    if side.identity is not None and side.boundary is None and side.scp is None and target.is_plain:
        alone = side.identity.alone(action)
        if alone is not None:
            return tuple(sorted(alone.keys_read(resource)))
    action = action.lower()
    found: set[str] = set()
    layers = [layer for layer in (side.identity, side.boundary) if layer is not None]
    for guardrails in (side.scp, target.rcp):
        layers += guardrails.layers if guardrails is not None else ()
    for layer in layers:
        found |= layer.cell(action).keys_read(resource)
    if target.policy is not None:
        found |= target.policy.resource_cell(action).keys_read(resource)
    return tuple(sorted(found))
