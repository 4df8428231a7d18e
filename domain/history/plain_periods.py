"""When principals could do an action on a resource, by arithmetic over intervals: (document in force) × (attached) ×
(member), denies taken out and boundaries laid over.

It settles those for whom no statement looks at the caller, its tags, the clock or the resource, and no guardrail and no
policy of the resource has a say. Everybody else is left to be decided about, state by state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.candidates import Candidates
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.exemptions import (
    NEEDS_NO_PERMISSION,
    WITHOUT_CREDENTIALS,
    has_own_rules,
)
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.inputs.sources import find_policy, managed
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account
from erstwhile.domain.vocabulary.instants import BEFORE

_OF_RESOURCES = ("aws:resource", "iam:resourcetag/", "resource:")
"""Beginnings of the condition keys whose values follow from the resource."""
How = Literal["allowed", "conditional"]


class Says(NamedTuple):
    """What a document says of the action on the resource, whoever asks."""

    allows: Kleene
    denies: Kleene


class Part(NamedTuple):
    """What a document says in [begin, end); None where that is not known, or differs from caller to caller."""

    begin: datetime
    end: datetime
    says: Says | None


class Plain(NamedTuple):
    """A principal's periods, with the number of intervals that were looked at, and its last ARN in one of them."""

    periods: list[tuple[datetime, datetime, How]]
    states: int
    arn: str


class PlainPeriods:
    """Of one action and resource in [begin, end)."""

    def __init__(
        self,
        history: FactHistory,
        facts: ReadFacts,
        request: Request,
        candidates: Candidates,
        begin: datetime,
        end: datetime,
    ) -> None:
        self._history = history
        self._candidates = candidates
        self._facts = facts
        self._action = request.action.lower()
        self._resource = request.resource
        self._context = Context(request.context, {}, {}, request.mode == "discover")
        self._window = (begin, end)
        self._owner = request.resource_account or owner_of(request.resource, "")
        self._is_plain = self._is_plain_question(request, candidates)
        self._guarded = self._accounts_in_organizations()
        self._documents: dict[str, Says | None] = {}
        self._policies: dict[tuple[str, str], list[tuple[datetime, datetime, datetime | None, Says | None]]] = {}
        self._groups: dict[EntityKey, list[Part]] = {}
        self._naming: dict[str, Directory] = {}

    def _is_plain_question(self, request: Request, candidates: Candidates) -> bool:
        if self._action in NEEDS_NO_PERMISSION | WITHOUT_CREDENTIALS or has_own_rules(self._action):
            return False
        if "aws:sourcevpce" in request.context or candidates.resources():
            return False
        return self._resource == "*" or self._owner is not None

    def _accounts_in_organizations(self) -> set[str]:
        rows = [row for key in self._history.of_kind("organization") for row in self._history.intervals_of(key)]
        found = {row.item for row in rows if row.attribute == a.NODE}
        return found | {str(row.value.get("management")) for row in rows if row.attribute == a.ORGANIZATION}

    def of(self, key: EntityKey) -> Plain | None:
        """A user's or role's periods; None where it has to be decided about."""
        account = key[0]
        if not self._is_plain or account in self._guarded:
            return None
        if self._resource != "*" and self._owner not in (account, "aws"):
            return None
        there: list[Interval] = []
        parts: list[Part] = []
        limits: list[Part] = []
        bounded: list[Part] = []
        for row in self._inside(self._candidates.rows_of(key)):
            match row.attribute:
                case a.ENTITY:
                    there.append(row)
                case a.COVERAGE | a.VANISHED:
                    return None
                case a.INLINE:
                    parts.append(Part(row.valid_from, row.valid_to, self._says(row.value.get("document"))))
                case a.ATTACHED:
                    parts += self._attached(account, row.item, row)
                case a.MEMBER_OF:
                    parts += _cut(self._of_group((account, "group", row.item)), row.valid_from, row.valid_to)
                case a.BOUNDARY:
                    bounded.append(Part(row.valid_from, row.valid_to, None))
                    limits += _cut(self._of_policy(account, str(row.value["policy"])), row.valid_from, row.valid_to)
        if any(part.says is None for part in (*parts, *limits)):
            return None
        return self._lay(there, [part for part in parts if part.says != _SILENT], limits, bounded)

    def _lay(self, there: list[Interval], parts: list[Part], limits: list[Part], bounded: list[Part]) -> Plain:
        if not any(part.says is not None and part.says.allows is not False for part in parts):
            return Plain([], len(there), "")
        begin, end = self._window
        instants = {begin, end}
        for row in there:
            instants |= {max(row.valid_from, begin), min(row.valid_to, end)}
        for part in (*parts, *limits, *bounded):
            instants |= {max(part.begin, begin), min(part.end, end)}
        found: list[tuple[datetime, datetime, How]] = []
        states = 0
        last: Interval | None = None
        for at, until in pairwise(sorted(instants)):
            here = next((row for row in there if row.valid_from <= at < row.valid_to), None)
            if here is None:
                continue
            states += 1
            how = _how(at, parts, limits, bounded)
            if how is None:
                continue
            last = here
            if found and found[-1][1] == at and found[-1][2] == how:
                found[-1] = (found[-1][0], until, how)
            else:
                found.append((at, until, how))
        return Plain(found, states, self._arn(last) if last is not None else "")

    def _inside(self, rows: Iterable[Interval]) -> Iterator[Interval]:
        begin, end = self._window
        return (row for row in rows if row.valid_from < end and begin < row.valid_to and row.valid_from < row.valid_to)

    # Documents.

    def _says(self, document: str | None) -> Says | None:
        if document is None:
            return None
        if document not in self._documents:
            self._documents[document] = self._read(document)
        return self._documents[document]

    def _read(self, document: str) -> Says | None:
        try:
            about = compile_document(document, True).about(self._action)
        except (MalformedDocument, UnknownOperator):
            return None
        about = tuple(each for each in about if each.may_cover(self._resource))
        if any(self._looks_at_more(each) for each in about):
            return None
        applies = [(each.allows, each.bears_on(self._resource, self._context)) for each in about]
        return Says(
            kleene_or([each for allows, each in applies if allows]),
            kleene_or([each for allows, each in applies if not allows]),
        )

    def _looks_at_more(self, compiled: CompiledStatement) -> bool:
        """Whether what a statement says may depend on more than the request brings."""
        return compiled.varies or any(
            key in CLOCK or key.startswith(_OF_RESOURCES) or follows_from_caller(key, self._resource, self._context)
            for key in compiled.keys_read
            if key not in self._context.given
        )

    def _attached(self, account: str, arn: str, row: Interval) -> list[Part]:
        """What an attached policy says; nothing, where it is younger than its attachment: that died with another."""
        if arn in self._candidates.silent_policies:
            return []
        is_of_aws = policy_account(arn) == AWS_MANAGED
        return [
            Part(max(begin, row.valid_from), min(end, row.valid_to), says)
            for begin, end, begun, says in self._versions(account, arn)
            if begin < row.valid_to and row.valid_from < end
            and (is_of_aws or begun is None or begun <= row.valid_from)
        ]  # fmt: skip

    def _of_policy(self, account: str, arn: str) -> list[Part]:
        return [Part(begin, end, says) for begin, end, _, says in self._versions(account, arn)]

    def _versions(self, account: str, arn: str) -> list[tuple[datetime, datetime, datetime | None, Says | None]]:
        """What a managed policy says in each interval of the window, and when it came into being."""
        account = account if policy_account(arn) == AWS_MANAGED else ""
        found = self._policies.get((account, arn))
        if found is None:
            found = self._policies[account, arn] = []
            at, end = self._window
            while at < end:
                instant = max(at, _FIRST)
                self._facts.turn_to(instant)
                view = DirectoryView(self._facts, 0, instant)
                document = managed(view, arn, account).document
                policy = find_policy(view, arn)
                begun = policy.begun if policy is not None else None
                courses = self._facts.read.values()
                until = min((course.next_change(instant, frozenset()) for course in courses), default=end)
                found.append((at, min(until, end), begun, self._says(document)))
                at = until
        return found

    def _of_group(self, key: EntityKey) -> list[Part]:
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = self._read_group(key)
        return found

    def _read_group(self, key: EntityKey) -> list[Part]:
        begin, end = self._window
        rows = list(self._inside(self._candidates.rows_of_group(key)))
        there = [row for row in rows if row.attribute == a.ENTITY]
        if any(row.attribute in (a.COVERAGE, a.VANISHED) for row in rows):
            return [Part(begin, end, None)]
        found = [Part(*gap, None) for gap in _gaps(there, begin, end)]
        for row in rows:
            if row.attribute == a.INLINE:
                found.append(Part(row.valid_from, row.valid_to, self._says(row.value.get("document"))))
            elif row.attribute == a.ATTACHED:
                found += self._attached(key[0], row.item, row)
        return [part for part in found if part.says != _SILENT]

    def _arn(self, row: Interval) -> str:
        directory = self._naming.get(row.account)
        if directory is None:
            directory = self._naming[row.account] = Directory()
            account = (row.account, "account", row.account)
            for each in self._history.intervals_of(account):
                if each.attribute == a.MODE:
                    facts = directory.ensure(account).facts
                    facts[a.MODE] = {"": Fact(each.value, each.valid_from, each.opened_by)}
        entity = Entity(*row[:3])
        entity.facts[a.ENTITY] = {"": Fact(row.value, row.valid_from, row.opened_by)}
        return directory.arn_of(entity)


_SILENT = Says(False, False)
_FIRST = BEFORE + TICK


def _cut(parts: Iterable[Part], begin: datetime, end: datetime) -> Iterator[Part]:
    for part in parts:
        if part.begin < end and begin < part.end:
            yield Part(max(part.begin, begin), min(part.end, end), part.says)


def _gaps(rows: list[Interval], begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    at = begin
    for row in sorted(rows, key=lambda each: each.valid_from):
        if row.valid_from > at:
            yield at, row.valid_from
        at = max(at, row.valid_to)
    if at < end:
        yield at, end


def _how(at: datetime, parts: list[Part], limits: list[Part], bounded: list[Part]) -> How | None:
    """The list at an instant: what `Verdicts` and `conclude` make of identity policies and a boundary."""
    here = [part.says for part in parts if part.begin <= at < part.end and part.says is not None]
    allows = kleene_or([each.allows for each in here])
    denies = kleene_or([each.denies for each in here])
    if any(part.begin <= at < part.end for part in bounded):
        limit = [part.says for part in limits if part.begin <= at < part.end and part.says is not None]
        allows = kleene_and((allows, kleene_or([each.allows for each in limit])))
        denies = kleene_or((denies, *[each.denies for each in limit]))
    if denies is True or allows is False:
        return None
    return "allowed" if allows is True and denies is False else "conditional"
