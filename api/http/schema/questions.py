"""Answers about principals and what they can do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from erstwhile.api.http.schema.changes import LastingSo, TimeSpan
from erstwhile.api.http.schema.service import AccountRecords
from erstwhile.domain.policy.inputs.request import Residual
from erstwhile.domain.policy.language.validate import USES

Effect = Literal["allow", "explicit_deny", "implicit_deny", "conditional"]


class GrantingEvent(Struct):
    """The event that made it so: who did it, when, by which call, on which evidence."""

    event: str
    occurred_at: str
    action: str
    actor: str
    source: str
    evidence: str | None


class NamedStatement(Struct, kw_only=True):
    """A statement that decided: where it stands, by which path the principal has it, and the positions of the events
    that gave it to the principal and that put its words in force (0: not known). `undecided`: it would allow the
    request if its conditions held."""

    effect: str
    policy: str
    version: str
    statement: int
    sid: str
    path: list[str]
    granted_by: int
    defined_by: int
    layer: str
    undecided: bool | UnsetType = UNSET


class DeterminingStatement(NamedStatement, kw_only=True):
    """A statement that decided, with the events that made it so."""

    granted: GrantingEvent | UnsetType = UNSET
    defined: GrantingEvent | UnsetType = UNSET


class StatementOfLines(NamedStatement, kw_only=True):
    """A statement that decided about one or many principals. Where its `path` begins with `principal`, this stands for
    the principal of the line: its `kind`, a slash, and what follows the last slash of its ARN (`user/ada`)."""


class Nearest(Struct, kw_only=True):
    """The statement that would have allowed it but for one part."""

    layer: str
    policy: str
    statement: int
    sid: str
    part: Literal["action", "resource", "condition", "principal"]
    operator: str
    key: str
    wanted: list[str]
    given: list[str]
    words: str


class Verdict(Struct, kw_only=True):
    """A decision and why it is not another: the keys that would settle a conditional one, the conditions on them, what
    is not known, and the layers that deny."""

    effect: Effect
    missing_context: list[str] | UnsetType = UNSET
    residual: list[Residual] | UnsetType = UNSET
    unknown: list[str] | UnsetType = UNSET
    blocked_by: list[str] | UnsetType = UNSET


class Reasons(Verdict, kw_only=True):
    """A decision and what it rests on."""

    determining: list[DeterminingStatement]


class Coverage(Struct):
    """What is known around the instant that was asked about, and what is not. Of the principals whose policies were
    never seen, some are named, and all are counted."""

    accounts: list[AccountRecords]
    missing_documents: list[str]
    principals_never_covered: list[str]
    principals_never_covered_in_all: int
    notes: list[str]


class SuccessfulCall(Struct):
    evidence: str
    occurred_at: str


class Asked(Struct, kw_only=True):
    """The instant asked about, and the log position that the answer rests on."""

    as_of: str
    known_at: int
    revision: int
    coverage: Coverage


class PrincipalHolding(Verdict, kw_only=True):
    """A principal, and the decision about it. `determining`: places in the answer's `statements`, from 0 on. `extent`:
    how much of a pattern of resources. `is_outsider`: the resource's own policy lets it in from elsewhere; `is_public`:
    it lets in anybody."""

    determining: list[int]
    principal: str
    kind: str
    account: str
    unique_id: str
    why: list[str]
    extent: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    denied_example: str | UnsetType = UNSET
    is_outsider: bool | UnsetType = UNSET
    is_public: bool | UnsetType = UNSET
    successful_call: SuccessfulCall | UnsetType | None = UNSET
    lasting: LastingSo | UnsetType = UNSET


class NamedOnce(Asked, kw_only=True):
    """What lines have in common, each told once. `statements`: those that lines name by their places; `events`: those
    that statements name by their positions."""

    statements: list[StatementOfLines]
    events: dict[str, GrantingEvent]


class WhoCanAnswer(NamedOnce, kw_only=True):
    """Principals that may, that may if some condition or document says so, and of whose policies nothing was seen."""

    allowed: list[PrincipalHolding]
    conditional: list[PrincipalHolding]
    unknown: list[PrincipalHolding]


class ConditionOfStatement(Struct):
    operator: str
    key: str
    values: list[str]


class PermissionStatement(Struct, kw_only=True):
    """One statement: patterns of actions and resources; the `not_` forms mean all but these."""

    effect: Literal["Allow", "Deny"]
    actions: list[str]
    not_actions: list[str]
    resources: list[str]
    not_resources: list[str]
    conditions: list[ConditionOfStatement]
    policy: str
    version: str
    statement: int
    sid: str
    path: list[str]
    granted_by: int
    defined_by: int
    granted: GrantingEvent | UnsetType = UNSET
    defined: GrantingEvent | UnsetType = UNSET
    lasting: TimeSpan | UnsetType = UNSET


class ResourceReach(Struct):
    """A pattern of resources, or one resource, and how much of it: all, some, conditional, unclear."""

    resource: str
    how: str
    example: str
    denied_example: str


class ExpandedActions(Struct):
    """Actions that a principal may do on the same resources."""

    actions: list[str]
    resources: list[ResourceReach]


class WhatCanAnswer(Asked, kw_only=True):
    """All that is known of a principal's permissions. With a boundary, only what both allow is effective."""

    principal: str
    unique_id: str
    is_root: bool
    permissions: list[PermissionStatement]
    boundary: str
    boundary_permissions: list[PermissionStatement]
    unknown: list[str]
    expanded: list[ExpandedActions] | UnsetType = UNSET
    policy: dict[str, Any] | UnsetType = UNSET


class WhichResourcesAnswer(Asked, kw_only=True):
    principal: str
    action: str
    resources: list[ResourceReach]
    unknown: list[str]


class CanAnswer(Reasons, kw_only=True):
    """One decision, with its reasons and what comes nearest to allowing it."""

    as_of: str
    known_at: int
    revision: int
    principal: str
    action: str
    resource: str
    nearest: Nearest | UnsetType | None = UNSET
    coverage: Coverage


class EachDecision(Reasons, kw_only=True):
    """The decision about one combination. Of a pattern of resources: how much of it (all, some, none, conditional,
    unclear); the decision is that about `example`."""

    principal: str
    action: str
    resource: str
    extent: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    denied_example: str | UnsetType = UNSET


class CanEachAnswer(Asked, kw_only=True):
    """A decision for each principal, action and resource."""

    answers: list[EachDecision]


class EachWhoCan(Struct, kw_only=True):
    """Who can do one action on one resource."""

    action: str
    resource: str
    allowed: list[PrincipalHolding]
    conditional: list[PrincipalHolding]
    unknown: list[PrincipalHolding]


class WhoCanEachAnswer(NamedOnce, kw_only=True):
    """Who can, for each action and resource. The lines of all answers name the same statements."""

    answers: list[EachWhoCan]


class ValidationRequest(Struct, kw_only=True):
    """A policy document, as an object or as text, and what it is to be used for."""

    document: dict[str, Any] | str
    use: Annotated[str, Meta(extra_json_schema={"enum": list(USES)})] = "identity"


class PolicyFinding(Struct):
    """What is wrong, unsafe or doubled in a document, and where."""

    severity: Literal["error", "security_warning", "warning", "suggestion"]
    code: str
    place: str
    message: str


class ValidationAnswer(Struct):
    findings: list[PolicyFinding]
