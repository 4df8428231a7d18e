"""Several principals, actions and resources in one question, patterns too: one answer for each combination, all of one
moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.actions_and_resources import (
    OwnedResource,
    actions_meant,
    require_existing,
    require_resource,
)
from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, moment
from erstwhile.api.asking.principal_finder import account_of, find_subject
from erstwhile.api.asking.questions import Questions
from erstwhile.api.asking.under_way import under_way
from erstwhile.api.asking.whole_lines import in_common
from erstwhile.api.problems import Problem, not_found
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.known_resources import Known
from erstwhile.domain.questions.resource_reach import extent
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

MOST = 2_000
"""Combinations of one question to `can`."""
MOST_WHO_CAN = 200
"""Combinations of one question to `who_can`: each asks about everybody."""


class SeveralQuestions:
    """Any thread may ask. `as_of` and `known_at` are as their callers wrote them (`moments`)."""

    def __init__(self, history: History, questions: Questions, names: Names) -> None:
        self._history = history
        self._questions = questions
        self._names = names

    def can_each(
        self,
        principals: Sequence[str],
        actions: Sequence[str],
        resources: Sequence[str],
        as_of: str | None = None,
        known_at: str | None = None,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """A decision for each combination. A pattern of principals (`user/b*`, an ARN with `*`) or of actions
        (`s3:Get*`) stands for all that it matches; of a pattern of resources the decision is about how much: all, some,
        none, conditional. Raises Problem."""
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at)
            directory = self._history.at(connection, when)
            who = self._subjects(connection, directory, principals, when)
            what = self._actions(directory, actions)
            on = [require_resource(directory, self._names, each, resource_account) for each in dict.fromkeys(resources)]
            _require_few(MOST, principals=len(who), actions=len(what), resources=len(on))
            known = Known(directory)
            answers = [
                {"principal": arn, "action": action, "resource": resource.resource,
                 **_decided(directory, known, arn, action, resource, context)}
                for arn, action, resource in product(who, what, on)
            ]  # fmt: skip
            accounts = sorted({account_of(directory, arn) for arn in who})
            notes = dict.fromkeys(note for resource in on for note in resource.notes)
            with under_way(self._history, connection, directory, when, accounts) as making:
                return self._questions.finish(making, {"answers": answers}, tuple(notes))

    def who_can_each(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        as_of: str | None = None,
        known_at: str | None = None,
        account: str | None = None,
        resource_account: str | None = None,
        context: ContextDict | None = None,
    ) -> dict[str, Any]:
        """Who can do each combination of actions (`s3:Get*` for all that it matches) and resources, with the statements
        that all of them name. Raises Problem."""
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at)
            directory = self._history.at(connection, when)
            what = self._actions(directory, actions)
        _require_few(MOST_WHO_CAN, actions=len(what), resources=len(set(resources)))
        moment_words = (format_instant(when.as_of), f"@{when.known_at}")
        answers: list[dict[str, Any]] = []
        common: dict[str, Any] = {}
        notes: dict[str, None] = {}
        for action, resource in product(what, dict.fromkeys(resources)):
            found = self._questions.who_can(action, resource, *moment_words, account, resource_account, context)
            common = {name: found.pop(name) for name in ("as_of", "known_at", "revision", "coverage")}
            notes |= dict.fromkeys(common["coverage"]["notes"])
            answers.append({"action": action, "resource": resource, **found})
        told = {"answers": answers, **in_common(answers)}
        return {**common, **told, "coverage": common["coverage"] | {"notes": list(notes)}}

    def _actions(self, directory: Directory, words: Iterable[str]) -> list[str]:
        found: dict[str, None] = {}
        for each in words:
            meant = actions_meant(directory, each)
            if meant is None:
                require_existing(directory, self._names, each)
            found |= dict.fromkeys(meant or [each])
        return list(found)

    def _subjects(self, connection: Connection, directory: Directory, words: Iterable[str], when: Moment) -> list[str]:
        found: dict[str, None] = {}
        for each in words:
            if not is_pattern(each):
                found[find_subject(connection, directory, each, when)] = None
                continue
            meant = _meant(directory, each)
            if not meant:
                raise not_found(
                    "unknown_principal", f"no user or role matches {each} as of {format_instant(when.as_of)}"
                )
            found |= dict.fromkeys(meant)
        return list(found)


def _meant(directory: Directory, pattern: str) -> list[str]:
    """The ARNs of the users and roles that a pattern stands for, in order. Raises Problem where they are too many."""
    found: list[str] = []
    for entity in _perhaps_meant(directory, pattern):
        if entity.exists and _matches(pattern, entity.kind, entity.name, directory.arn_of(entity)):
            found.append(directory.arn_of(entity))
            if len(found) > MOST:
                words = f"{pattern} stands for more than {MOST:,} principals, and one call takes {MOST:,} questions"
                raise Problem(422, "too_much", f"{words}: name fewer of them")
    return sorted(found)


def _perhaps_meant(directory: Directory, pattern: str) -> Iterable[Entity]:
    """Those that a pattern may stand for: nobody is read whose ARN lacks what it says."""
    # `user/b*` means a name of a kind: in ARNs, a path stands between them.
    said = re.split(r"[*?]" if pattern.startswith("arn:") else r"[*?/]", pattern)
    return directory.principals_called(list(filter(None, said)))


def _matches(pattern: str, kind: str, name: str, arn: str) -> bool:
    lowered = pattern.lower()
    return matches(pattern, arn) or matches(lowered, name.lower()) or matches(lowered, f"{kind}/{name.lower()}")


def _decided(
    directory: Directory,
    known: Known,
    principal: str,
    action: str,
    resource: OwnedResource,
    context: ContextValues | None,
) -> dict[str, Any]:
    asked = Asked(action=action, resource_account=resource.account, context=context or {})
    if not is_pattern(resource.resource):
        return decision_json(authorize(directory, asked.of(principal, resource.resource)))
    share = extent(directory, principal, resource.resource, asked, known)
    shown = share.allowed or share.conditional or share.denied
    decision = {"effect": "conditional", "determining": []} if shown is None else decision_json(shown[1])
    denied = share.denied or (share.conditional if share.allowed else None)
    return decision | {
        "extent": share.how, "example": shown[0] if shown else "", "denied_example": denied[0] if denied else "",
    }  # fmt: skip


def _require_few(most: int, **counts: int) -> None:
    """Raises Problem where there are more combinations than one question may have, with how many there are."""
    asked = 1
    for count in counts.values():
        asked *= count
    if asked > most:
        of = " × ".join(f"{count:,} {name}" for name, count in counts.items())
        raise Problem(
            422, "too_much", f"these are {asked:,} questions ({of}), and one call takes {most:,}: name fewer of them"
        )
