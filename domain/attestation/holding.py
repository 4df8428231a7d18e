"""Who could do an action, interval by interval, and what began and ended that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.attestation.condition import Ground, Lapse, Standing
from erstwhile.domain.attestation.selected import Selected, is_entity
from erstwhile.domain.history.causes import causes
from erstwhile.domain.history.ever import Ever, Holder, ever
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import Window, without
from erstwhile.domain.policy.inputs.policy_carriers import carriers
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.vocabulary.identifiers import account_in

OnCondition = Literal["broken", "unknown", "held"]
"""What is said of a principal that was allowed under a condition that no record settles."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """An action on a resource."""

    action: str
    resource: str = "*"
    resource_account: str | None = None

    def wrong(self) -> Iterator[str]:
        """Why it cannot be asked over a period: a pattern stands for many, of which some may be allowed."""
        if ":" not in self.action or is_pattern(self.action):
            yield f"{self.action} is no single action: expected one such as s3:GetObject"
        if self.resource != "*" and is_pattern(self.resource):
            yield f"{self.resource} stands for many resources: name one, or *"

    @property
    def words(self) -> str:
        return self.action if self.resource == "*" else f"{self.action} on {self.resource}"


class Holding:
    """Answers to who could, over the period of a ground. Several questions share what was read."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.read_facts = ReadFacts(ground.history)
        self._known: dict[tuple[Asked, str | None], Ever] = {}

    def ever(self, asked: Asked, account: str | None = None) -> Ever:
        """Everyone who could at some time: of all accounts, or of one. Raises TooMuch."""
        found = self._known.get((asked, account))
        if found is None:
            ground = self._ground
            found = self._known[asked, account] = ever(
                ground.history, asked.action, asked.resource, ground.begin, ground.end, account=account,
                resource_account=asked.resource_account,
            )  # fmt: skip
        return found

    def holders(self, asked: Asked, account: str | None = None) -> list[Holder]:
        """All of them, whichever list they stand on."""
        found = self.ever(asked, account)
        return [*found.allowed, *found.conditional, *found.unknown]

    def account_of(self, holder: Holder, asked: Asked) -> str | None:
        """To which of the accounts that are asked about a holder counts: to its own, else to the resource's; an
        outsider counts to the first of them where nobody knows whose the resource is. None: it concerns none."""
        accounts = self._ground.accounts
        if holder.account in accounts:
            return holder.account
        owner = asked.resource_account or account_in(asked.resource) or self._owner(asked.resource)
        if owner:
            return owner if owner in accounts else None
        return min(accounts) if holder.is_outsider else None

    def _owner(self, resource: str) -> str:
        """The account of a resource that is known, or of what it is in: a bucket, of its objects."""
        for arn in (resource, *carriers(resource)):
            for key in self._ground.history.with_arn(arn):
                if key[1] == "resource":
                    return key[0]
        return ""

    def lapses(
        self, holder: Holder, asked: Asked, excepted: Selected, account: str, why: str, on_condition: OnCondition
    ) -> Iterator[Lapse]:
        """The periods of a holder in which it is not excepted, as lapses with what began and ended each."""
        question = self.question(holder, asked)
        for each in beside(holder.periods, excepted.windows(self._ground, holder)):
            standing = standing_of(each.how, on_condition)
            if standing is None:
                continue
            yield Lapse(
                account=account, subject=holder.principal, standing=standing, why=why + reason(each.how),
                begin=each.begin, end=each.end, begun_by=self.turn(question, each.begin, self._ground.begin),
                ended_by=self.turn(question, each.end, self._ground.end),
            )  # fmt: skip

    def question(self, holder: Holder, asked: Asked) -> Question:
        """What was asked about a holder."""
        request = Request(
            principal=holder.principal, action=asked.action, resource=asked.resource,
            resource_account=asked.resource_account, mode="discover",
        )  # fmt: skip
        follow = (holder.account, holder.kind, holder.unique_id) if is_entity(holder) else None
        return Question(self._ground.history, request, follow, self.read_facts)

    def turn(self, question: Question, at: datetime, edge: datetime) -> tuple[FactChange, ...]:
        """What changed an answer at an instant; nothing at an edge of the period, where it goes on."""
        return causes(question, at) if at != edge else ()


def standing_of(how: HeldHow, on_condition: OnCondition) -> Standing | None:
    """What a period of a holder says of a condition that demands that it cannot."""
    if how == "allowed":
        return "broken"
    if how == "unknown":
        return "unknown"
    return None if on_condition == "held" else on_condition


def reason(how: HeldHow) -> str:
    return {
        "allowed": "",
        "conditional": ", under a condition that no record settles",
        "unknown": ", as far as is known: its policies were never seen",
    }[how]


def beside(periods: Iterable[Period], windows: Iterable[Window]) -> Iterator[Period]:
    """The parts of periods that lie in none of the windows."""
    there = list(windows)
    for each in periods:
        for begin, end in without(((each.begin, each.end),), there):
            yield Period(begin, end, each.how)
