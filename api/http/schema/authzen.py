"""AuthZEN's bodies. Source: https://openid.github.io/authzen/."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from erstwhile.api.http.schema.questions import DeterminingStatement, Effect, Nearest
from erstwhile.domain.policy.inputs.request import Residual

Text = Annotated[str, Meta(min_length=1)]


class SubjectOrResource(Struct, kw_only=True):
    """`properties` are condition keys: `resource:status`."""

    type: Text
    id: Text
    properties: dict[str, Any] | None = None


class NamedAction(Struct, kw_only=True):
    name: Text
    properties: dict[str, Any] | None = None


class EvaluationRequest(Struct, kw_only=True):
    """May this subject do this? In `context`, `as_of`, `known_at`, `at_least`, `mode`, `explain` and
    `resource_account` are ours; members with a colon are condition keys."""

    subject: SubjectOrResource
    action: NamedAction
    resource: SubjectOrResource
    context: dict[str, Any] | None = None


class Options(Struct):
    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = "execute_all"


class EvaluationItem(Struct, kw_only=True):
    """One question of many: what it has of its own."""

    subject: SubjectOrResource | None = None
    action: NamedAction | None = None
    resource: SubjectOrResource | None = None
    context: dict[str, Any] | None = None


class EvaluationsRequest(Struct, kw_only=True):
    """Many questions; what an item leaves out is taken from the top. An item that is malformed is denied by itself."""

    subject: SubjectOrResource | None = None
    action: NamedAction | None = None
    resource: SubjectOrResource | None = None
    context: dict[str, Any] | None = None
    evaluations: Annotated[list[EvaluationItem], Meta(max_length=10_000)] | None = None
    options: Options | None = None


class ItemError(Struct):
    status: int
    message: str


class Life(Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    """When an absent principal existed: null for since before anything on record, and until now; `as_of` is an instant
    at which to ask again."""

    principal: str
    unique_id: str
    since: str | None
    until: str | None
    as_of: str


class DecisionContext(Struct, kw_only=True):
    """Why; of an item that cannot be decided, what is wrong with it. `age`: seconds for which the database has not
    answered, while decisions are made from memory. `existed` and `similar`: when an absent principal existed, or
    principals with similar names, where the question has `explain` or another moment."""

    effect: Effect | UnsetType = UNSET
    determining: list[DeterminingStatement] | UnsetType = UNSET
    missing_context: list[str] | UnsetType = UNSET
    residual: list[Residual] | UnsetType = UNSET
    unknown: list[str] | UnsetType = UNSET
    blocked_by: list[str] | UnsetType = UNSET
    nearest: Nearest | UnsetType | None = UNSET
    reason: str | UnsetType = UNSET
    existed: list[Life] | UnsetType = UNSET
    similar: list[str] | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET
    revision: int | UnsetType = UNSET
    as_of: str | UnsetType | None = UNSET
    age: int | UnsetType = UNSET


class EvaluationAnswer(Struct, kw_only=True):
    decision: bool
    context: DecisionContext | UnsetType = UNSET


class EvaluationsAnswer(Struct, kw_only=True):
    """The items' decisions; of a call without items, its one decision."""

    evaluations: list[EvaluationAnswer] | UnsetType = UNSET
    decision: bool | UnsetType = UNSET
    context: DecisionContext | UnsetType = UNSET


class Page(Struct, kw_only=True, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 100
    token: str | None = None


class OfType(Struct, kw_only=True):
    """What is searched: by its type; an id is ignored."""

    type: Text
    properties: dict[str, Any] | None = None


class SubjectSearch(Struct, kw_only=True):
    subject: OfType
    action: NamedAction
    resource: SubjectOrResource
    context: dict[str, Any] | None = None
    page: Page = Page()


class ResourceSearch(Struct, kw_only=True):
    subject: SubjectOrResource
    action: NamedAction
    resource: OfType
    context: dict[str, Any] | None = None
    page: Page = Page()


class ActionSearch(Struct, kw_only=True):
    subject: SubjectOrResource
    resource: SubjectOrResource
    context: dict[str, Any] | None = None
    page: Page = Page()


class PageInfo(Struct):
    """`next_token` is empty on the last page."""

    next_token: str
    count: int
    total: int


class FoundEntity(Struct):
    type: str
    id: str


class FoundEntities(Struct):
    results: list[FoundEntity]
    page: PageInfo


class FoundAction(Struct):
    name: str


class FoundActions(Struct):
    results: list[FoundAction]
    page: PageInfo
