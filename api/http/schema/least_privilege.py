"""Least privilege: what nobody used, narrowed policies, and checks of policies."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from erstwhile.api.http.schema.over_time import AskedWindow
from erstwhile.domain.least_privilege.unused import Kind
from erstwhile.domain.use.used import State


class UnusedThing(Struct, kw_only=True):
    """A user, role, permission set (`policy` is its name), access key, password, statement of a policy, or action of a
    statement. `state`: not used, or cannot know with `why`; `until`: up to when records tell. `risk`: a number that
    orders; `risk_words`: what its removal takes away; `closes`: how many paths to administrator, where `paths` was
    asked."""

    kind: Kind
    state: State
    why: str
    until: str | None
    account: str
    principals: list[str]
    policy: str
    holder: str
    statement: int | None
    sid: str
    actions: list[str]
    key: str
    risk: int
    risk_words: list[str]
    closes: int | None


class UnusedAnswer(AskedWindow, kw_only=True):
    """The greatest risk first; that of which nothing can be known, last. `young`: what is exempt for being younger than
    the window; `principals`: how many were looked at."""

    account: str | None
    principals: int
    not_used: int
    cannot_know: int
    young: int
    unused: list[UnusedThing]


class MemberOfLikeUse(Struct, kw_only=True):
    """`likeness`: to the group's first member, in hundredths; `besides`: what it used and not all of the group did."""

    principal: str
    likeness: int
    besides: list[str]


class LikeUse(Struct, kw_only=True):
    """`shared`: the actions that all members used; `policy`: one that allows these, null where there are none; `wide`:
    the actions that it allows on everything, since no record tells on what they were used."""

    members: list[MemberOfLikeUse]
    shared: list[str]
    wide: list[str]
    policy: dict[str, Any] | None


class AlikeAnswer(AskedWindow, kw_only=True):
    """The largest group first. `principals`: how many used anything."""

    account: str | None
    likeness: int
    principals: int
    groups: list[LikeUse]


class UseEvidence(Struct, kw_only=True):
    """Why an action is in a statement of the proposal: used, needed with another, cannot know, seasonal or young."""

    statement: int
    action: str
    why: str
    told: str
    last: str | None
    calls: int
    months: list[str]


class NewRequest(Struct, kw_only=True):
    statement: int
    action: str
    resource: str


class NothingNew(Struct, kw_only=True):
    """Whether the proposal allows nothing that the policies in its place did not; null where that is too much to
    tell, with `why`."""

    holds: bool | None
    found: list[NewRequest]
    why: str


class BrokenCall(Struct, kw_only=True):
    """A recorded call that would fail under the proposal, or may."""

    record: str
    at: str
    principal: str
    action: str
    resource: str
    how: Literal["would fail", "may fail"]


class ReplayedCalls(Struct, kw_only=True):
    """`passed_over`: calls that the present policies do not allow, as far as is known: they prove nothing."""

    holds: bool
    calls: int
    passed_over: int
    broken_in_all: int
    broken: list[BrokenCall]


class LastNeeded(Struct, kw_only=True):
    """The last call of the window that no other grant would have allowed than this policy; null for none."""

    policy: str
    at: str | None
    action: str
    record: str


class NarrowAnswer(AskedWindow, kw_only=True):
    """A policy for `what` in place of those of `replaces`, with evidence for each line and two proofs. `problem`: what
    IAM would refuse of it, '' for nothing."""

    what: str
    principals: list[str]
    replaces: list[str]
    policy: dict[str, Any]
    characters: int
    evidence: list[UseEvidence]
    removed: list[str]
    warnings: list[str]
    problem: str
    nothing_new: NothingNew
    replay: ReplayedCalls | None
    last_needed: list[LastNeeded]


class CheckRequest(Struct, kw_only=True):
    """`check` says which of the others are needed: `old` and `new` for no-new-access, `policies` and `actions` for
    not-granted (with `resources`, on any when left out), `policies` with one policy for no-public-access. A policy is
    an object, or its text."""

    check: Literal["no-new-access", "no-public-access", "not-granted"]
    old: list[Any] | UnsetType = UNSET
    new: list[Any] | UnsetType = UNSET
    policies: list[Any] | UnsetType = UNSET
    actions: list[str] | UnsetType = UNSET
    resources: list[str] | UnsetType = UNSET


class CheckedRequest(Struct, kw_only=True):
    """A request that shows why a check does not hold; of public access, the statement that lets everybody in."""

    statement: int
    sid: str
    action: str | UnsetType = UNSET
    resource: str | UnsetType = UNSET
    context: dict[str, list[str]] | UnsetType = UNSET
    actions: list[str] | UnsetType = UNSET
    resources: list[str] | UnsetType = UNSET
    why: str | UnsetType = UNSET
    conditions: list[str] | UnsetType = UNSET


class CheckAnswer(Struct, kw_only=True):
    check: str
    holds: bool
    found: list[CheckedRequest]
