"""By whose acts a principal may do something, or may not: the chain of grants, with the right of each actor to have
done its part, to an account's root, to AWS, or to where knowledge ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import deciding_at
from erstwhile.domain.history.grants import Grant, Link, grants
from erstwhile.domain.history.happenings import Happening, Happenings
from erstwhile.domain.history.question import Decided, Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.timeline import Span, question_of, spans_of
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, MalformedArn
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

DEPTH = 16
"""Actors one behind the other that are followed."""

_ALLOWING = ("allow", "conditional")
End = Literal["", "root", "aws", "unknown", "refused", "limit"]
"""Where a chain ends: '' where it goes on. `root`: an account's root did it, who may all. `aws`: AWS did it. `unknown`:
no record says who did it, or it was so before all records. `refused`: as far as is known, the actor had no right to do
it. `limit`: it goes on, and is not followed further."""


class Right(NamedTuple):
    """The decision about the actor of an event, as far as it follows from the history: nothing of the event itself, of
    which details may have to be forgotten."""

    principal: str
    decision: Decision | None
    grants: tuple[Grant, ...]
    end: End


Rights = Bounded[tuple[int, int, str], Right]
"""By the log position as known at which, the position of the event, and the resource that the event is about. Most
chains end in the same few grants to administrators."""
MOST_RIGHTS = 2_000


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """By which right an event was done: the decision about its actor, action and resource at that instant, and the
    chains of that. Another authority stands for each event of these."""

    position: int
    happening: Happening | None = None
    end: End = ""
    principal: str = ""
    action: str = ""
    resource: str = ""
    decision: Decision | None = None
    grants: tuple[Grant, ...] = ()


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The decision of an instant, the chains of the statements that made it so, and the authorities of their events, by
    the order in which they are met.

    Of what is not allowed, `blocked_by` in the decision says which layers are missing, `nearest` is the statement that
    would allow it but for one part, and `allowed` are the intervals in which it was allowed, earlier or later, to the
    same user or role; where there is none at the instant, to whoever had the name."""

    principal: str
    unique_id: str
    action: str
    resource: str
    at: datetime
    decision: Decision | None
    grants: tuple[Grant, ...] = ()
    authorities: tuple[Authority, ...] = ()
    nearest: Near | None = None
    allowed: tuple[Span, ...] = ()


def provenance(
    history: FactHistory,
    happenings: Happenings,
    principal: str | EntityKey,
    action: str,
    resource: str,
    at: datetime,
    *,
    context: ContextValues | None = None,
    resource_account: str | None = None,
    depth: int = DEPTH,
    rights: Rights | None = None,
) -> Provenance:
    """How the decision of an instant came about. `decision` None: there was no such principal. `happenings` need not
    have details (access keys, addresses). `rights`: what was found for other questions about the same facts. Raises
    MalformedArn."""
    question = question_of(history, principal, action, resource, context=context, resource_account=resource_account)
    deciding = _Deciding(history, question.facts)
    found = deciding.decided(question, at)
    chains = deciding.grants(question, found, at)
    is_allowed = found.effect == "allow"
    authorities = _Authorities(history, happenings, deciding, Bounded(MOST_RIGHTS) if rights is None else rights)
    return Provenance(
        principal=found.principal, unique_id=found.unique_id, action=action, resource=resource, at=at,
        decision=found.decision, grants=chains,
        authorities=tuple(authorities.behind(chains, depth)),
        nearest=None if is_allowed or found.decision is None else _nearest(question, at),
        allowed=() if is_allowed else _allowed(question, found),
    )  # fmt: skip


def _allowed(question: Question, found: Decided) -> tuple[Span, ...]:
    """When it was allowed: to whom it is about, not to others who had the name before or since. A session has no other
    name than that of its role."""
    is_itself = found.key is not None and ":assumed-role/" not in found.principal
    asked = Question(question.history, question.request, found.key, question.facts) if is_itself else question
    return tuple(each for each in spans_of(asked, BEFORE, FOREVER) if each.effect == "allow")


def _nearest(question: Question, at: datetime) -> Near | None:
    request, side, target, _ = question.sides(question.directory(at), whole=True)
    return nearest(request, side, target)


class _Deciding:
    """Decides about many questions, each at one instant: those of one have one Directory, which loads each entity once.
    What else an entity ever was is not read for that.

    Serves the row "provenance of an allow" of `make bench-history`."""

    def __init__(self, history: FactHistory, facts: ReadFacts) -> None:
        self._history = history
        self.facts = facts
        self._directories: dict[datetime, DirectoryView] = {}

    def _directory(self, at: datetime) -> DirectoryView:
        found = self._directories.get(at)
        if found is None:
            # Before all records, the clock shows an instant all the same.
            found = self._directories[at] = deciding_at(self._history, max(at, BEFORE + TICK))
        return found

    def decided(self, question: Question, at: datetime) -> Decided:
        """The decision of an instant. Raises MalformedArn."""
        return question.decide(self._directory(at))

    def grants(self, question: Question, found: Decided, at: datetime) -> tuple[Grant, ...]:
        """The chains of a decision of an instant."""
        if found.decision is None:
            return ()
        request = msgspec.structs.replace(question.request, principal=found.principal)
        return grants(self._directory(at), self._history, request, found.key, found.decision.determining)


class _Authorities:
    """Follows chains of grants, breadth first: each event once, so that there are no loops."""

    def __init__(self, history: FactHistory, happenings: Happenings, deciding: _Deciding, rights: Rights) -> None:
        self._history = history
        self._happenings = happenings
        self._deciding = deciding
        self._rights = rights

    def behind(self, found: Iterable[Grant], depth: int) -> list[Authority]:
        """The authorities of the events of these chains, and of those behind them."""
        seen: dict[int, Authority] = {}
        links = [link for grant in found for link in grant.links]
        for level in range(depth + 1):
            fresh: dict[int, Link] = {}
            for link in links:
                if link.position not in seen:
                    fresh.setdefault(link.position, link)
            if not fresh:
                break
            told = self._happenings.read(fresh)
            links = []
            for position, link in fresh.items():
                authority = seen[position] = self._of(link, told.get(position), level == depth)
                found_here = [each for grant in authority.grants for each in grant.links]
                self._happenings.expect(each.position for each in found_here if each.position not in fresh)
                links += found_here
        return list(seen.values())

    def _of(self, link: Link, happening: Happening | None, is_last: bool) -> Authority:
        end = _end(link, happening)
        if end or happening is None or is_last:
            return Authority(position=link.position, happening=happening, end=end or "limit")
        key = self._history.known_at, link.position, link.resource
        right = self._rights.get(key)
        if right is None:
            try:
                right = self._rights.keep(key, self._right_to(happening, link.resource))
            except MalformedArn:
                return Authority(position=link.position, happening=happening, end="unknown")
        return Authority(
            position=link.position, happening=happening, end=right.end, principal=right.principal,
            action=happening.action, resource=link.resource, decision=right.decision, grants=right.grants,
        )  # fmt: skip

    def _right_to(self, happening: Happening, resource: str) -> Right:
        """By which right an event was done that is about a resource. Raises MalformedArn."""
        request = Request(principal=happening.actor, action=happening.action, resource=resource, mode="discover")
        found, chains = self._right(Question(self._history, request, facts=self._deciding.facts), happening)
        end: End = ""
        if found.effect in ("explicit_deny", "implicit_deny"):
            end = "refused"
        elif not chains:
            end = "unknown"  # nothing of the actor or of its policies was seen
        return Right(found.principal, found.decision, chains, end)

    def _right(self, question: Question, happening: Happening) -> tuple[Decided, tuple[Grant, ...]]:
        """The decision about an actor just before its act, and the chains of that. Where it had no right yet, the state
        of the same instant counts, for a script creates a role and uses it within a second: but not what the act itself
        gave."""
        at, deciding = happening.occurred_at, self._deciding
        before = deciding.decided(question, at - TICK)
        if before.effect not in _ALLOWING:
            meanwhile = deciding.decided(question, at)
            if meanwhile.effect in _ALLOWING:
                chains = deciding.grants(question, meanwhile, at)
                if all(link.position != happening.position for grant in chains for link in grant.links):
                    return meanwhile, chains
        return before, deciding.grants(question, before, at - TICK) if before.effect in _ALLOWING else ()


def _end(link: Link, happening: Happening | None) -> End:
    """Whether a chain ends at an event, as far as the event alone tells."""
    if happening is None:
        return "unknown"
    if happening.account == AWS_MANAGED or happening.actor_type == "AWSService":
        return "aws"
    if link.since == BEFORE or not happening.actor or not happening.action:
        # What an event only shows to have been before, its actor did not do.
        return "unknown"
    if happening.actor_type == "Root" or happening.actor.endswith(":root"):
        return "root"
    return ""
