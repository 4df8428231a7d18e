"""Access reviews: who decides about whose access, and what was decided. The population comes with the review, in the
same transaction: its hash in `ReviewOpened`, its lines in the events of type `LinesFrozen` that follow."""

from __future__ import annotations

from typing import Literal

import msgspec

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_review, of_review_lines

ReviewDecision = Literal["approve", "revoke", "abstain"]


class FrozenLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One grant, as it was when the review was opened."""

    number: int
    account: str
    kind: str = ""  # user, role; empty for any other principal
    unique_id: str = ""
    principal: str  # its ARN, or as a policy names it
    name: str = ""
    path: str  # direct, inline, group, trust, resource, none
    via: str = ""  # the name of the group, the ARN of the role or resource
    via_id: str = ""  # the group's or role's unique id
    policy: str = ""  # ARN, or the name of an inline policy
    how: str = ""  # allowed, conditional, unknown; empty where no action was asked about
    since: str = ""  # RFC 3339; -infinity: before all records
    event: int = 0  # the log position of the event that made it so; 0: none is known
    by: str = ""  # who did that
    use: str = ""  # used, not used, cannot know
    used_at: str = ""
    use_note: str = ""
    people: list[str] = []  # words that mean the principal itself: nobody reviews himself
    reviewers: list[str] = []


class ReviewOpened(Body, frozen=True, kw_only=True):
    rank = Rank.CREATE
    slot = of_review
    references = no_references
    targets = ("resource", "name")

    name: str
    accounts: list[str] = []
    action: str = ""
    resource: str = ""
    resource_account: str = ""
    kinds: list[str] = []
    as_of: str  # the instant whose state was frozen
    known_at: int  # the log position at which it was read
    used_since: str = ""  # the begin of the window in which use counts
    lines: int
    sha256: str  # of the query and all lines
    rules: list[str] = []  # how reviewers were found, one rule an entry
    deadline: str = ""
    note: str = ""


class LinesFrozen(Body, frozen=True, kw_only=True):
    """A part of the population, in the order of its numbers."""

    rank = Rank.MODIFY
    slot = of_review_lines
    references = no_references
    targets = ("name",)

    name: str
    lines: list[FrozenLine]


class LinesDecided(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    lines: list[int]
    decision: ReviewDecision
    reviewer: str
    comment: str = ""


class LinesDelegated(Body, frozen=True, kw_only=True):
    """From now on another person decides about these lines, and nobody else."""

    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    lines: list[int]
    delegate: str
    delegated_by: str
    comment: str = ""


class ReviewDeadlineSet(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    deadline: str


class ReviewReminded(Body, frozen=True, kw_only=True):
    """A reviewer was reminded of the lines that wait for a decision."""

    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    reviewer: str
    pending: int
    note: str = ""


class ReviewExported(Body, frozen=True, kw_only=True):
    """The review was handed out, as it was known at a log position."""

    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    form: str
    known_at: int
    sha256: str  # of the bytes


class ReviewClosed(Body, frozen=True, kw_only=True):
    """Nothing more is decided."""

    rank = Rank.MODIFY
    slot = of_review
    references = no_references
    targets = ("name",)

    name: str
    comment: str = ""
