"""Answers about intervals of time. An instant that is null stands for "before all records" or "for ever"."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from erstwhile.api.http.schema.changes import ChangeMade, TimeSpan, ToldEvent
from erstwhile.api.http.schema.questions import ConditionOfStatement, DeterminingStatement, Nearest
from erstwhile.domain.policy.inputs.request import Residual

EffectOverTime = Literal["allow", "explicit_deny", "implicit_deny", "conditional", "unknown_principal"]


class DecisionSpan(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """An interval in which the decision is the same, and what made it so at its beginning. `without_records`: parts of
    it of which the account's records tell nothing."""

    since: str | None
    until: str | None
    principal: str
    unique_id: str
    effect: EffectOverTime
    determining: list[DeterminingStatement]
    missing_context: list[str] | UnsetType = UNSET
    residual: list[Residual] | UnsetType = UNSET
    unknown: list[str] | UnsetType = UNSET
    blocked_by: list[str] | UnsetType = UNSET
    changed_by: list[ChangeMade]
    without_records: list[TimeSpan]
    notes: list[str]


class AskedWindow(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """From when until when was asked, known when."""

    since: str
    until: str
    known_at: int
    revision: int
    notes: list[str]


class TimelineAnswer(AskedWindow, kw_only=True):
    """The intervals follow one another without a pause."""

    principal: str
    unique_id: str
    action: str
    resource: str
    spans: list[DecisionSpan]


class ChangeStep(Struct):
    """An instant at which something changed."""

    at: str | None
    changes: list[ChangeMade]


class MomentsAnswer(AskedWindow, kw_only=True):
    """The changes of all that concerns an entity, the earliest first."""

    of: str
    unique_id: str
    steps: list[ChangeStep]


class HeldPeriod(Struct, rename={"since": "from", "until": "to"}):
    """From when to when a principal could, or on which list it stood."""

    since: str | None
    until: str | None
    how: Literal["allowed", "conditional", "unknown"]


class HolderOverTime(Struct, kw_only=True):
    """A principal that could at some time of the window, and for how many seconds in all it was allowed."""

    answer: Literal["allowed", "conditional", "unknown"]
    principal: str
    kind: str
    account: str
    unique_id: str
    is_outsider: bool
    periods: list[HeldPeriod]
    allowed_seconds: float


class EverAnswer(AskedWindow, kw_only=True):
    """Who could at any time of the window. It rests on `states` intervals between changes, of `principals`."""

    action: str
    resource: str
    account: str | None
    holders: list[HolderOverTime]
    principals: int
    states: int
    without_records: list[TimeSpan]


class NeverAnswer(EverAnswer, kw_only=True):
    """`holds`: nobody was allowed, but for those excepted. `is_sure`: nor on a condition, with all records."""

    excepting: list[str]
    holds: bool
    is_sure: bool


class NamedPattern(Struct):
    """What a pattern matches, and all of `also` match, and none of `excepts`."""

    pattern: str
    also: list[str]
    excepts: list[str]


class TermOfAccess(Struct):
    """Conditions that together make a statement of these layers apply."""

    effect: str
    layers: list[str]
    conditions: list[ConditionOfStatement]


class OutcomeOfDecision(Struct):
    """What a decision amounts to, whatever the documents that say so."""

    effect: Literal["deny", "conditional", "allow"]
    terms: list[TermOfAccess]
    depends_on: list[str]
    unknown: list[str]


class ExampleRequest(Struct):
    action: str
    resource: str


class AccessDifference(Struct, kw_only=True):
    """What a principal may at one instant and not at the other, or under other conditions, and the events that caused
    it. `is_whole`: the principal itself is there at one of them only."""

    principal: str
    account: str
    unique_id: str
    change: Literal["gained", "lost", "changed"]
    events: list[ToldEvent]
    is_whole: bool
    actions: list[NamedPattern]
    resources: list[NamedPattern]
    resource_account: str | UnsetType = UNSET
    before: OutcomeOfDecision | UnsetType = UNSET
    after: OutcomeOfDecision | UnsetType = UNSET
    example: ExampleRequest | UnsetType = UNSET


class DiffAnswer(AskedWindow, kw_only=True):
    """`unclear`: principals whose policies are too many to be compared; `decided`: how many were looked at, because
    something that bears on them changed."""

    principal: str | None
    account: str | None
    resource: str | None
    differences: list[AccessDifference]
    unclear: list[str]
    decided: int


class EffectAnswer(Struct, kw_only=True):
    """Which facts one event changed, and whose access that changed."""

    position: int
    known_at: int
    revision: int
    event: ToldEvent | None
    changes: list[ChangeMade]
    differences: list[AccessDifference]
    unclear: list[str]
    decided: int
    notes: list[str]


class ReplayedStep(Struct, kw_only=True):
    """An event of a window: which facts it changed, and whose access that changed."""

    at: str
    position: int
    event: ToldEvent | None
    changes: list[ChangeMade]
    differences: list[AccessDifference]
    unclear: list[str]


class ReplayAnswer(AskedWindow, kw_only=True):
    """The events of a window in order of time. `events` counts all of them, `steps` has those that were asked for."""

    principal: str | None
    account: str | None
    steps: list[ReplayedStep]
    events: int


class GrantLink(Struct):
    """One fact of a chain, and the position of the event that made it so."""

    layer: str
    of: str
    attribute: str
    item: str
    since: str | None
    position: int


class GrantChain(Struct):
    """A statement that decided, and the facts by which it bears on the principal."""

    statement: DeterminingStatement
    links: list[GrantLink]


class ActorsRight(Struct, kw_only=True):
    """By which right the event at a position was done. `end`: empty where the chain goes on with `grants`."""

    position: int
    event: ToldEvent | None
    end: Literal["", "root", "aws", "unknown", "refused", "limit"]
    principal: str
    action: str
    resource: str
    effect: str
    grants: list[GrantChain]


class DecisionProvenance(Struct, kw_only=True):
    """How a decision came about."""

    principal: str
    unique_id: str
    action: str
    resource: str
    effect: EffectOverTime
    determining: list[DeterminingStatement]
    missing_context: list[str] | UnsetType = UNSET
    residual: list[Residual] | UnsetType = UNSET
    unknown: list[str] | UnsetType = UNSET
    blocked_by: list[str] | UnsetType = UNSET
    grants: list[GrantChain]
    authorities: list[ActorsRight]
    nearest: Nearest | None
    allowed_at: list[TimeSpan]


class SessionTaken(Struct, kw_only=True):
    """By which call the session of a role was taken, and by which right. `actor` is empty where no record shows it."""

    actor: str
    action: str
    occurred_at: str | None
    evidence: str | None
    right: DecisionProvenance | None


class ProvenanceAnswer(DecisionProvenance, kw_only=True):
    """How a decision of an instant came about. `session`: null for what is no session of a role."""

    as_of: str
    known_at: int
    revision: int
    session: SessionTaken | None
    notes: list[str]
