"""What if: changes that nobody made, and who would gain and lose what."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from erstwhile.api.http.schema.over_time import AskedWindow, ExampleRequest, NamedPattern, OutcomeOfDecision
from erstwhile.api.http.schema.questions import DeterminingStatement, Effect
from erstwhile.domain.policy.inputs.request import Residual


class WhatIfRequest(Struct, kw_only=True):
    """Changes, a Terraform plan as `terraform show -json` prints it, a CloudFormation change set as `aws cloudformation
    describe-change-set --include-property-values` prints it, or several of these, in this order. Each change is an
    object whose member `change` says which; `plan_account` is whose the plan's resources are, where it does not tell;
    `change_set_template` is the change set's template as JSON, for what the set does not tell."""

    changes: list[dict[str, Any]] | UnsetType = UNSET
    terraform_plan: dict[str, Any] | UnsetType = UNSET
    change_set: dict[str, Any] | UnsetType = UNSET
    change_set_template: dict[str, Any] | UnsetType = UNSET
    plan_account: str | UnsetType = UNSET
    as_of: str | UnsetType = UNSET
    known_at: int | str | UnsetType = UNSET
    principal: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    resource: str | UnsetType = UNSET


class WhatIfCallsRequest(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """As `WhatIfRequest`, with the window whose recorded calls are decided about again. `as_of`: when the changes would
    have been made; at its begin when left out."""

    changes: list[dict[str, Any]] | UnsetType = UNSET
    terraform_plan: dict[str, Any] | UnsetType = UNSET
    change_set: dict[str, Any] | UnsetType = UNSET
    change_set_template: dict[str, Any] | UnsetType = UNSET
    plan_account: str | UnsetType = UNSET
    since: str | UnsetType = UNSET
    until: str | UnsetType = UNSET
    as_of: str | UnsetType = UNSET
    known_at: int | str | UnsetType = UNSET
    principal: str | UnsetType = UNSET
    account: str | UnsetType = UNSET


class NamedChange(Struct):
    """The number of a change, from 1, and its name: in a plan, the address of its resource."""

    number: int
    name: str


class NotUnderstoodResource(Struct):
    """A resource of the plan that may bear on access and could not be read."""

    address: str
    why: str


class SupposedDifference(Struct, kw_only=True):
    """What a principal would gain or lose, or have under other conditions, and by which changes."""

    principal: str
    account: str
    unique_id: str
    change: Literal["gained", "lost", "changed"]
    changes: list[NamedChange]
    is_whole: bool
    actions: list[NamedPattern]
    resources: list[NamedPattern]
    resource_account: str | UnsetType = UNSET
    before: OutcomeOfDecision | UnsetType = UNSET
    after: OutcomeOfDecision | UnsetType = UNSET
    example: ExampleRequest | UnsetType = UNSET


class WhatIfAnswer(Struct, kw_only=True):
    """Who would gain and lose what. `changes`: as they were understood, with number and name."""

    as_of: str
    known_at: int
    revision: int
    changes: list[dict[str, Any]]
    not_understood: list[NotUnderstoodResource]
    principal: str | None
    account: str | None
    resource: str | None
    differences: list[SupposedDifference]
    unclear: list[str]
    decided: int


class DecisionOnCall(Struct, kw_only=True):
    """A decision, and what it rests on."""

    effect: Effect
    determining: list[DeterminingStatement]
    missing_context: list[str] | UnsetType = UNSET
    residual: list[Residual] | UnsetType = UNSET
    unknown: list[str] | UnsetType = UNSET
    blocked_by: list[str] | UnsetType = UNSET


class AffectedCall(Struct, kw_only=True):
    """A recorded call that succeeded, and would have failed with the changes, or may have failed on a condition."""

    record: str
    occurred_at: str
    principal: str
    action: str
    resource: str
    how: Literal["would_fail", "may_fail"]
    before: DecisionOnCall
    after: DecisionOnCall


class WhatIfCallsAnswer(AskedWindow, kw_only=True):
    """Which calls would have failed. `looked_at` counts the calls that succeeded, `undecided` those of callers that
    were not known then."""

    as_of: str
    changes: list[dict[str, Any]]
    not_understood: list[NotUnderstoodResource]
    principal: str | None
    account: str | None
    calls: list[AffectedCall]
    looked_at: int
    undecided: int
