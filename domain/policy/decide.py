"""Deciding: the layers of one request are asked in AWS's order, and AWS's logic concludes."""

from __future__ import annotations

import msgspec

from domain.policy.caller import Caller
from domain.policy.cells import MAX_CELLS, Cell, Layer, Levels, Question
from domain.policy.context import Keys
from domain.policy.exemptions import (
    APART,
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    is_under_rcp,
    needs_resource_policy,
)
from domain.policy.logic import Verdicts
from domain.policy.request import Decision, Determining, Request, Residual

ROOT = Determining(effect="Allow", policy="account root", statement=0, path=("root",), layer="root")
NOT_BY_IDENTITY = Decision(effect="implicit_deny", blocked_by=("identity",))
FREE = Determining(effect="Allow", policy="no permission needed", statement=0, layer="aws")


class Side:
    """The caller's side: its policies and what limits them. None: that layer does not apply."""

    __slots__ = ("_alone", "boundary", "caller", "epoch", "identity", "prefix", "scp", "session", "settled")

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
        self._alone: dict[str, Cell | None] = {}
        self.epoch = 0
        self.settled: dict[tuple[str, str], Settled] = {}
        """Decisions that were made, by action and resource."""

    def alone(self, action: str) -> Cell | None:
        """The identity policies' cell, where nothing else on this side has a say about the action; else None."""
        if action not in self._alone:
            lowered = action.lower()
            is_alone = (
                self.identity is not None
                and self.boundary is None
                and self.scp is None
                and self.session is None
                and self.caller.kind in ("user", "role", "session")
                and lowered.partition(":")[0] not in APART
            )
            if len(self._alone) >= MAX_CELLS:
                self._alone.clear()
            self._alone[action] = self.identity.cell(lowered) if is_alone and self.identity is not None else None
        return self._alone[action]


class Settled:
    """Decisions about one principal, action and resource: by mode and the values of the keys that they look at."""

    __slots__ = ("_by_values", "_decision", "_keys", "_only", "is_fixed", "is_timeless")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self.is_timeless = CLOCK.isdisjoint(keys)
        """Whether no key of the clock is looked at."""
        self._only = keys[0] if len(keys) == 1 else ""
        self.is_fixed = not keys
        """Whether no key is looked at."""
        self._decision: Decision | None = None
        self._by_values: dict[tuple[object, ...], Decision] = {}

    def find(self, request: Request) -> Decision | None:
        if self.is_fixed:
            return self._decision
        if self._only:
            return self._by_values.get((request.mode, request.context.get(self._only)))
        return self._by_values.get(self._values(request))

    def keep(self, request: Request, decision: Decision) -> None:
        if not self._keys:
            self._decision = decision
            return
        if len(self._by_values) >= MAX_VALUES:
            self._by_values.clear()  # a clock, or somebody who makes values up
        self._by_values[self._values(request)] = decision

    def _values(self, request: Request) -> tuple[object, ...]:
        given = request.context
        return (request.mode, *[given.get(key) for key in self._keys])


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
    decision = _decide(request, side, target, session)
    if side.prefix and decision.determining:
        return msgspec.structs.replace(
            decision, determining=tuple([_under(side.prefix, each) for each in decision.determining])
        )
    return decision


def _under(prefix: str, determining: Determining) -> Determining:
    """The statement with the whole of the path by which the caller has it."""
    if determining.layer != "identity":
        return determining
    return msgspec.structs.replace(determining, path=(prefix, *determining.path))


def _decide(request: Request, side: Side, target: Target, session: Layer | None) -> Decision:
    caller = side.caller
    if target.is_plain and session is None and target.owner == caller.account:
        # Most requests meet nothing but identity policies, and these then say it all.
        alone = side.alone(request.action)
        if alone is not None:
            return _conclude_alone(alone, Question(request, caller, target.keys))
    action = request.action.lower()
    if action in NEEDS_NO_PERMISSION:
        return Decision(effect="allow", determining=(FREE,))
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
            question.allowing.append(ROOT)
        elif side.identity is not None:
            verdicts.identity = side.identity.cell(action).judge(question)
        if side.boundary is not None:
            verdicts.boundary = side.boundary.cell(action).judge(question)
        limit = session if session is not None else side.session
        if limit is not None:
            verdicts.session = limit.cell(action).judge(question)
        if action == SESSION_TOKEN and caller.kind in ("user", "root"):
            verdicts.identity = True
            question.allowing.append(FREE)
    return _conclude(question, verdicts)


def _conclude_alone(cell: Cell, question: Question) -> Decision:
    allows = cell.judge(question)
    if question.denies is False:
        if allows is True:
            return Decision(effect="allow", determining=tuple(question.allowing))
        if allows is False:
            return NOT_BY_IDENTITY
    verdicts = Verdicts()
    verdicts.identity = allows
    return _conclude(question, verdicts)


def _conclude(question: Question, verdicts: Verdicts) -> Decision:
    denies = question.denies
    if denies is True:
        # An explicit deny in any layer settles it, whatever else is unknown.
        denying = question.denying
        return Decision(
            effect="explicit_deny",
            determining=tuple(denying),
            blocked_by=tuple(dict.fromkeys([each.layer for each in denying])),
        )
    allows = verdicts.allows()
    if allows is True and denies is False:
        return Decision(effect="allow", determining=tuple(question.allowing))
    if allows is False:
        return Decision(effect="implicit_deny", blocked_by=verdicts.blocked_by())
    missing = set(question.missing)
    if verdicts.same_account is None and allows is None:
        missing.add("aws:ResourceAccount")
    return Decision(
        effect="conditional",
        determining=tuple(question.allowing),
        missing_context=tuple(sorted(missing)),
        residual=_residual(question),
        unknown=tuple(dict.fromkeys(question.unknown)),
    )


def _residual(question: Question) -> tuple[Residual, ...]:
    return tuple(
        Residual(
            effect=determining.effect,
            policy=determining.policy,
            statement=determining.statement,
            operator=condition.entry.operator,
            key=condition.entry.key,
            values=condition.entry.values,
        )
        for statement, determining in question.undecided
        for condition in statement.conditions
        if condition.holds(question.context) is None
    )


def keys_read(side: Side, target: Target, action: str, resource: str) -> tuple[str, ...]:
    """The context keys that the statements about this may look at."""
    if side.identity is not None and side.boundary is None and side.scp is None and target.is_plain:
        return tuple(sorted(side.identity.cell(action).keys_read(resource)))
    found: set[str] = set()
    layers = [layer for layer in (side.identity, side.boundary) if layer is not None]
    for guardrails in (side.scp, target.rcp):
        layers += guardrails.layers if guardrails is not None else ()
    for layer in layers:
        found |= layer.cell(action).keys_read(resource)
    if target.policy is not None:
        found |= target.policy.resource_cell(action).keys_read(resource)
    return tuple(sorted(found))
