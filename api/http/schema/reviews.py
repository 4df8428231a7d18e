"""Access reviews. An instant that is null stands for "before all records" or "never"."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from erstwhile.api.http.schema.changes import ToldEvent
from erstwhile.api.http.schema.parameters import ACCOUNT_ID, TEXT, TIME, Parameter

_Decision = Literal["approve", "revoke", "abstain"]
_DAYS = 90

REVIEW = Parameter("id", "The review's name.", TEXT | {"examples": ["q1"]}, True, "path")
LINES = (
    Parameter("lines", "These lines: numbers and ranges, 1-20,35.", TEXT),
    Parameter("account", "Lines of this account.", ACCOUNT_ID),
    Parameter("principal", "Lines of this principal: a name or ARN, with * and ?."),
    Parameter("policy", "Lines of this policy: a name or ARN, with * and ?."),
    Parameter("path", "direct, inline, group, trust, none."),
    Parameter("use", "used, not used, or cannot know."),
    Parameter("reviewer", "Lines that are this person's to decide."),
    Parameter("decision", "approve, revoke, abstain, or pending."),
    Parameter("after", "Those after this line.", {"type": "integer", "minimum": 0, "maximum": 10**9}),
    Parameter("limit", "Entries of a page; 50 when left out.", {"type": "integer", "minimum": 1, "maximum": 1_000}),
    TIME[1],
)  # fmt: skip


class ReviewerRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lines of an account, principal, path and policy, where these are given (with * and ?), are reviewed by
    `reviewers`, or by those whom the principal's tag of the key `tag` names."""

    account: str = ""
    principal: str = ""
    path: str = ""
    policy: str = ""
    tag: str = ""
    reviewers: list[str] = []


class NewReview(Struct, kw_only=True, forbid_unknown_fields=True):
    """A review that is not there yet. Of every grant of accounts, or of who can do an action on a resource."""

    name: str
    rules: list[ReviewerRule]
    accounts: list[str] = []
    kinds: list[str] = []
    action: str = ""
    resource: str = ""
    resource_account: str | None = None
    as_of: str | None = None
    days: int = _DAYS
    deadline: str = ""
    note: str = ""


class MeantLines(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which lines: those for which all holds that is given; with `all`, all that wait for the reviewer. `reviewer`: in
    whose name, for administrators; the token's name, when left out."""

    lines: str = ""
    account: str = ""
    principal: str = ""
    policy: str = ""
    path: str = ""
    use: str = ""
    decided: Literal["", "approve", "revoke", "abstain", "pending"] = ""
    all: bool = False
    reviewer: str = ""
    comment: str = ""


class DecisionForm(MeantLines, kw_only=True, forbid_unknown_fields=True):
    decision: _Decision


class DelegationForm(MeantLines, kw_only=True, forbid_unknown_fields=True):
    """`to`: who decides about the lines from now on."""

    to: str


class ReviewChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """`deadline`: the new one. `close`: nothing more is decided."""

    deadline: str = ""
    close: bool = False
    comment: str = ""


class ReminderForm(Struct, kw_only=True, forbid_unknown_fields=True):
    note: str = ""


class ExportForm(Struct, kw_only=True, forbid_unknown_fields=True):
    format: Literal["json", "csv"] = "json"
    known_at: str | None = None


class ReviewWritten(Struct):
    """`lines`: how many the call was about."""

    name: str
    changed: bool
    lines: int
    revision: int


class Step(Struct):
    """By which event, when, and by whom."""

    position: int
    at: str
    by: str


class ClosingStep(Step):
    comment: str


class ReviewCounts(Struct):
    lines: int
    approve: int
    revoke: int
    abstain: int
    pending: int


class ReviewTold(Struct, kw_only=True):
    """A review. `sha256`: of the query and all lines of its population, which is the state of `as_of` as known at the
    log position `known_at`."""

    name: str
    state: Literal["open", "closed"]
    accounts: list[str]
    kinds: list[str]
    action: str | None
    resource: str | None
    resource_account: str | None
    as_of: str
    known_at: int
    used_since: str
    sha256: str
    rules: list[str]
    deadline: str | None
    note: str
    counts: ReviewCounts
    opened: Step
    closed: ClosingStep | None
    overdue: bool


class ReviewList(Struct):
    revision: int
    reviews: list[ReviewTold]


class Pending(Struct):
    reviewer: str
    lines: int


class ReminderStep(Step):
    reviewer: str
    pending: int
    note: str


class ExportStep(Step):
    form: str
    known_at: int
    sha256: str


class ReviewAnswer(ReviewTold, kw_only=True):
    pending: list[Pending]
    reminders: list[ReminderStep]
    exports: list[ExportStep]
    revision: int


class LineDecision(Step):
    decision: _Decision
    reviewer: str
    comment: str
    is_late: bool


class ReviewLine(Struct, kw_only=True):
    """A grant as it was frozen: since when, by which event and whom; who decides about it now, and what was decided."""

    line: int
    account: str
    kind: str | None
    principal: str
    name: str
    unique_id: str | None
    path: str
    via: str | None
    policy: str | None
    how: str | None
    since: str | None
    event: int | None
    by: str | None
    use: str
    used_at: str | None
    use_note: str
    reviewers: list[str]
    delegated_by: str | None
    decision: LineDecision | None


class ReviewLines(Struct):
    review: str
    sha256: str
    revision: int
    lines: list[ReviewLine]
    lines_in_all: int
    next_after: int | None


class ExecutionCounts(Struct, rename={"cannot_know": "cannot know"}):
    executed: int
    open: int
    returned: int
    cannot_know: int


class RevokedLine(Struct, kw_only=True):
    """A line that was revoked, and what became of it. `event`: by which the grant ended, or came back."""

    line: int
    principal: str
    name: str
    policy: str | None
    path: str
    decided_at: str | None
    reviewer: str | None
    state: Literal["executed", "open", "returned", "cannot know"]
    since: str | None
    answer: str
    still: list[str]
    event: ToldEvent | None
    approval: str | None


class ExecutionAnswer(Struct):
    review: str
    revision: int
    asked_at: str
    counts: ExecutionCounts
    revoked: list[RevokedLine]


class ReviewExport(Struct):
    """`document`: the bytes of `sha256`, as text."""

    format: str
    known_at: int
    sha256: str
    document: str
