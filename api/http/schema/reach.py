"""Answers about who can get where."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from erstwhile.api.http.schema.changes import ChangeMade, TimeSpan
from erstwhile.api.http.schema.questions import Asked, GrantingEvent, Reasons

How = Literal["allow", "conditional"]


class ReachProof(Reasons, kw_only=True):
    """A decision that an edge rests on."""

    principal: str
    action: str
    resource: str


class RunsAsRole(Struct, kw_only=True):
    """By which event something runs as the role."""

    granted_by: int
    granted: GrantingEvent | UnsetType = UNSET


class ReachEdge(Struct, kw_only=True):
    """One step: by which family, what that yields, under which conditions, and the decisions that it rests on."""

    source: str
    target: str
    family: str
    yields: str
    page: str
    how: How
    runs_as_role: RunsAsRole | None
    conditions: list[str]
    proofs: list[ReachProof]


class ReachPath(Struct, kw_only=True):
    """Steps, each beginning where the one before it ends."""

    source: str
    target: str
    how: How
    edges: list[ReachEdge]
    notes: list[str]


class ChangedReachPath(ReachPath, kw_only=True):
    """A path that opened or closed, and what changed the decisions that it rests on."""

    changed_by: list[ChangeMade]


class PrincipalInReach(Struct, kw_only=True):
    """A principal, and the least number of steps."""

    principal: str
    steps: int


class ReachCut(Struct, kw_only=True):
    """A removal, and how many of the paths it closes."""

    what: Literal["statement", "attachment", "trust"]
    words: str
    policy: str
    statement: int | None
    holder: str
    account: str
    closes: int
    of: int


class ReachLead(Struct, kw_only=True):
    """What may help to get on, and is no step."""

    family: str
    yields: str
    target: str


class PathAtTimes(ReachPath, kw_only=True):
    """A path, and the times at which it was there; one without an end lasts beyond the window."""

    periods: list[TimeSpan]


class ReachTable(Struct, kw_only=True):
    """Very many paths: each edge once, and each path as the places (from 0) of its edges among these."""

    edges: list[ReachEdge]
    paths: list[list[int]]
    count: int


class ReachAnswer(Asked, kw_only=True, rename={"source": "from", "target": "to"}):
    """Paths, the shortest first. `is_cut`: there are more than were asked for. `opened`, `closed`: since `since`, with
    those who became administrators, or were. `ever`: at any time from `ever_since` on.

    `table`: the paths, where they are asked for so."""

    source: str | None
    target: str | None
    steps: int
    paths: list[ReachPath]
    principals: list[PrincipalInReach]
    administrators: list[str]
    cuts: list[ReachCut]
    is_cut: bool
    unknown: list[str]
    leads: list[ReachLead]
    table: ReachTable | UnsetType = UNSET
    since: str | UnsetType = UNSET
    opened: list[ChangedReachPath] | UnsetType = UNSET
    closed: list[ChangedReachPath] | UnsetType = UNSET
    new_administrators: list[str] | UnsetType = UNSET
    former_administrators: list[str] | UnsetType = UNSET
    ever_since: str | UnsetType = UNSET
    ever: list[PathAtTimes] | UnsetType = UNSET
