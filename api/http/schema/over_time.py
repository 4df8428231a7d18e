"""Answers about intervals of time. An instant that is null stands for "before all records" or "for ever"."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from erstwhile.api.http.schema.changes import ChangeMade, TimeSpan, ToldEvent
from erstwhile.api.http.schema.questions import DeterminingStatement, Nearest
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


class ProvenanceAnswer(Struct, kw_only=True):
    """How a decision came about."""

    as_of: str
    known_at: int
    revision: int
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
    notes: list[str]
