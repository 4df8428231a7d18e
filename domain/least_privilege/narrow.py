"""A policy that allows what was used, and no more than the one it replaces.

Each allowing statement keeps its conditions, and of its actions those that were used; its resources become those of the
calls where the records tell them. What may be needed without a record stays, and says why. Denying statements stay. So
what the proposal allows is part of what the old policy allows; `new_access` and a replay of the calls prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import orjson

from erstwhile.domain.least_privilege.fewest import fewest
from erstwhile.domain.least_privilege.grants import Grants
from erstwhile.domain.least_privilege.grouped_resources import grouped, is_literal, tells_all
from erstwhile.domain.observed.cloudtrail.data_events import DATA_ACTIONS, NEVER_RECORDED
from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE
from erstwhile.domain.policy.knowledge.service_reference import action_details, written
from erstwhile.domain.policy.language.document import VARIABLES_SINCE, parse_document
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.use.used import Covered, Used

USED, NEEDED_WITH, UNKNOWN, SEASONAL, YOUNG = "used", "needed with", "cannot know", "seasonal", "young"


class OldPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that is narrowed. `is_young`: its words came into force, or were attached, in the window."""

    name: str
    document: str
    is_young: bool = False


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why an action is in a statement of the proposal (by its number). `why`: one of the words above; `told`: with
    what, or what is not known. `last`, `calls`: of the calls that succeeded; `months`: in which months there were
    some, of the thirteen before the window's end."""

    statement: int
    action: str
    why: str
    told: str = ""
    last: datetime | None = None
    calls: int = 0
    months: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """`document`: the policy; `removed`: actions (as the old statements wrote them) of which nothing stays;
    `warnings`: what is wider than what was used."""

    document: str
    evidence: tuple[Evidence, ...]
    removed: tuple[str, ...]
    warnings: tuple[str, ...]
    statements: int


class NothingRecorded(ValueError):
    """no records say what was used"""


class _Kept(msgspec.Struct, kw_only=True):
    why: str
    told: str = ""
    rows: list[Used]
    resources: tuple[str, ...]


def narrow(
    policies: Sequence[OldPolicy], used: Iterable[Used], covered: Sequence[Covered], begin: datetime,
    drop_seasonal: bool = False,
) -> Proposal:  # fmt: skip
    """What to put in the place of some policies. `used`: of all that have them, in the thirteen months before the
    window's end; `covered`: what records cover of the window, of each of their accounts; `begin`: of the window.
    `drop_seasonal`: what was used in the thirteen months and not in the window goes, too. Raises UnreadablePolicy, and
    NothingRecorded where the window has no records."""
    for each in covered:
        if each.until is None:
            raise NothingRecorded(each.why_incomplete())
    known = [_as_needed(each) for each in used if not each.failed]
    return _Narrowing(policies, known, covered, begin, drop_seasonal).proposal()


def _as_needed(each: Used) -> Used:
    """Which role an instance profile has, its record does not say: the passed role is not known."""
    return msgspec.structs.replace(each, resource="") if ":instance-profile/" in each.resource and (
        each.action == PASS_ROLE) else each  # fmt: skip


class _Narrowing:
    def __init__(
        self, policies: Sequence[OldPolicy], used: list[Used], covered: Sequence[Covered], begin: datetime,
        drop_seasonal: bool,
    ) -> None:  # fmt: skip
        self._policies = [(each, Grants([each.document])) for each in policies]
        self._covered, self._begin, self._drop = covered, begin, drop_seasonal
        self._used: dict[str, list[Used]] = {}
        for each in used:
            self._used.setdefault(each.action, []).append(each)
        self._services = {action.partition(":")[0].lower() for action in self._used}
        self._settled: set[str] = set()
        self._asked: list[tuple[str, str]] = []
        """(policy, pattern of actions) of the statements that are narrowed"""
        self._warnings: dict[str, None] = {}
        self._merged: dict[tuple[str, str], dict[str, _Kept]] = {}
        """(how resources are said, conditions as JSON) → action → why it is there, on what"""

    def proposal(self) -> Proposal:
        fixed: list[dict[str, Any]] = []
        allowing: list[tuple[OldPolicy, CompiledStatement, dict[str, Any]]] = []
        for policy, grants in self._policies:
            entries = _entries(policy.document)
            for statement, entry in zip(grants.statements, entries, strict=True):
                if not statement.allows or policy.is_young:
                    fixed.append({key: value for key, value in entry.items() if key != "Sid"})
                    if statement.allows:
                        self._warnings[f"{policy.name}: younger than the window, kept as it is"] = None
                else:
                    allowing.append((policy, statement, entry))
        # A statement without conditions goes first: it has allowed a call for sure, and the others need not.
        for policy, statement, entry in sorted(allowing, key=lambda each: bool(each[1].statement.conditions)):
            self._narrowed(policy, statement, entry)
        if any(each.why_incomplete() for each in self._covered):
            why = next(each.why_incomplete() for each in self._covered if each.why_incomplete())
            self._warnings[f"{why}: what was used then is not known"] = None
        return self._made(fixed)

    def _narrowed(self, policy: OldPolicy, statement: CompiledStatement, entry: dict[str, Any]) -> None:
        found: dict[str, _Kept] = {}
        for action, rows in self._used.items():
            if statement.speaks_of(action.lower()):
                kept = self._of_used(statement, action, rows)
                if kept is not None:
                    found[action] = kept
        for action in self._unknown(statement):
            if action not in found:
                told = next(why for each in self._covered if (why := each.why_not(action)))
                found[action] = _Kept(why=UNKNOWN, told=told, rows=[], resources=tuple(statement.resources or ()))
        for action, with_action in _dependents(found):
            if action not in found and statement.speaks_of(action.lower()):
                own = tuple(statement.resources or ())
                found[action] = _Kept(why=NEEDED_WITH, told=with_action, rows=[], resources=own)
        self._asked += [(policy.name, pattern) for pattern in statement.statement.actions or ("*",)]
        how = "NotResource" if statement.statement.not_resources is not None else "Resource"
        conditions = orjson.dumps(entry.get("Condition") or {}, option=orjson.OPT_SORT_KEYS).decode()
        if how == "NotResource":
            # Two of these may not be made one: each leaves other resources out.
            conditions = f"{conditions}{' ' * (1 + len(self._asked))}"
        merged = self._merged.setdefault((how, conditions), {})
        for action, kept in found.items():
            before = merged.get(action)
            merged[action] = kept if before is None else _both(before, kept)

    def _of_used(self, statement: CompiledStatement, action: str, rows: list[Used]) -> _Kept | None:
        """What of an action's use a statement may have allowed; None where that was nothing, or is settled."""
        own = [row for row in rows if not row.resource or not is_literal(row.resource)
               or statement.may_cover(row.resource)]  # fmt: skip
        # What a statement without conditions covers, it has allowed: no other is needed for that.
        settled = {f"{action} {row.resource}" for row in own if row.resource and is_literal(row.resource)}
        own = [row for row in own if f"{action} {row.resource}" not in self._settled]
        if not own:
            return None
        recent = [row for row in own if row.last >= self._begin]
        if not recent and self._drop:
            return None
        resources = tuple(statement.resources or ())
        told = [row.resource for row in own]
        fixed = statement.statement.resources is not None and not statement.varies
        if fixed and tells_all(action) and all(map(is_literal, told)) and "" not in told:
            resources = grouped(told, statement)
        if statement.is_fixed:
            self._settled |= settled
        if resources == ("*",) and told != ["*"] and tells_all(action):
            self._warnings[f"{action} stays on *: not every record tells what it was done to"] = None
        return _Kept(why=USED if recent else SEASONAL, rows=own, resources=resources)

    def _unknown(self, statement: CompiledStatement) -> list[str]:
        """Actions that may have been used without a record. Of a statement about every service, those of services that
        were used; what it named on purpose counts always."""
        patterns = [each.lower() for each in statement.statement.actions or ("*",)]
        named = {each.partition(":")[0] for each in patterns if "*" not in each.partition(":")[0]}
        found = []
        for action in sorted(DATA_ACTIONS | NEVER_RECORDED):
            service = action.partition(":")[0]
            if not statement.speaks_of(action) or not any(each.why_not(action) for each in self._covered):
                continue
            if all(not each.why_not(action) or each.why_not(action) == each.why_incomplete() for each in self._covered):
                continue  # a gap hides everything alike, and is said once
            if service in named or service in self._services:
                found.append(written(action))
            else:
                self._warnings[f"{service}: nothing of it was used on record, and its data events are not recorded; "
                               "its actions go"] = None  # fmt: skip
        return found

    def _made(self, fixed: list[dict[str, Any]]) -> Proposal:
        statements, evidence = [*fixed], []
        for number, each in enumerate(fixed):
            if each.get("Effect") == "Allow":
                action = each.get("Action", "NotAction")
                evidence.append(Evidence(
                    statement=number, action=action if isinstance(action, str) else ", ".join(action), why=YOUNG,
                ))  # fmt: skip
        for (how, conditions), kept in sorted(self._merged.items()):
            for actions, resources in fewest({action: frozenset(each.resources) for action, each in kept.items()}):
                made: dict[str, Any] = {"Effect": "Allow", "Action": actions, how: resources}
                if met := orjson.loads(conditions):
                    made["Condition"] = met
                evidence += [_evidence(len(statements), action, kept[action]) for action in actions]
                statements.append(made)
        stays = {each.action for each in evidence if each.why != YOUNG}
        removed = dict.fromkeys(
            f"{name}: {pattern}" for name, pattern in self._asked
            if not any(matches(pattern.lower(), action.lower()) for action in stays)
        )  # fmt: skip
        document = {"Version": VARIABLES_SINCE, "Statement": statements}
        return Proposal(
            document=orjson.dumps(document).decode(), evidence=tuple(evidence), removed=tuple(removed),
            warnings=tuple(self._warnings), statements=len(statements),
        )  # fmt: skip


def _evidence(statement: int, action: str, kept: _Kept) -> Evidence:
    return Evidence(
        statement=statement, action=action, why=kept.why, told=kept.told,
        last=max((row.last for row in kept.rows), default=None), calls=sum(row.calls for row in kept.rows),
        months=tuple(sorted({row.month[:7] for row in kept.rows})),
    )  # fmt: skip


def _dependents(found: dict[str, _Kept]) -> list[tuple[str, str]]:
    """(action, with which): what AWS's reference says that a used action needs besides."""
    return [
        (needed, action)
        for action in found
        for details in [action_details(*action.lower().split(":", 1))]
        if details is not None
        for each in details["resourceTypes"]
        for needed in each.get("dependentActions", ())
    ] + [
        (needed, action)
        for action in found
        for details in [action_details(*action.lower().split(":", 1))]
        if details is not None
        for needed in details.get("dependentActions", ())
    ]


def _both(one: _Kept, other: _Kept) -> _Kept:
    """The same action by two statements of like conditions."""
    resources = tuple(dict.fromkeys((*one.resources, *other.resources)))
    rows = list({(row.resource, row.month, row.call): row for row in (*one.rows, *other.rows)}.values())
    first = one if one.why == USED or other.why != USED else other
    return _Kept(why=first.why, told=first.told, rows=rows, resources=("*",) if "*" in resources else resources)


def _entries(document: str) -> list[dict[str, Any]]:
    given = orjson.loads(document)["Statement"]
    entries: list[dict[str, Any]] = given if isinstance(given, list) else [given]
    assert len(entries) == len(parse_document(document).statements)
    return entries
