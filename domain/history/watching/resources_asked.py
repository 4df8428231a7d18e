"""Which entities are the resource of a question, or carry its policies; and whom these policies name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import orjson

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.watching.masks import Mask, Questions
from erstwhile.domain.policy.evaluation.exemptions import (
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    needs_resource_policy,
)
from erstwhile.domain.policy.inputs.policy_carriers import carriers, is_partial_secret
from erstwhile.domain.vocabulary.identifiers import account_in

_WORD = re.compile(r"[\w+=,.@*-]+", re.ASCII)
"""What a principal's name or unique id is made of."""
_DOCUMENTS = (a.POLICY, a.TRUST, a.STATEMENT)
_OF_EVERYBODY = NEEDS_NO_PERMISSION | WITHOUT_CREDENTIALS | {SESSION_TOKEN}
_IAM = ("user", "group", "role", "policy", "instance-profile")


class ResourcesAsked:
    """Of some questions. What policies of resources say is read when it is first needed, and kept until `forget`."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._by_arn: dict[str, Mask] = {}
        self._by_name: dict[tuple[str, str, str], Mask] = {}
        self._secrets: dict[str, Mask] = {}
        for number, each in enumerate(questions.asked):
            self._add(each.watch.resource, 1 << number)
        self._named: dict[str, Mask] | None = None
        self._wide: Mask = 0

    def _add(self, resource: str, bit: Mask) -> None:
        for arn in (resource, *carriers(resource)):
            self._by_arn[arn] = self._by_arn.get(arn, 0) | bit
            kind, _, path = arn.rpartition(":")[2].partition("/")
            if ":iam:" in arn and kind in _IAM:
                place = (account_in(arn), kind, path.rpartition("/")[2].lower())
                self._by_name[place] = self._by_name.get(place, 0) | bit
        if is_partial_secret(resource):
            self._secrets[resource] = self._secrets.get(resource, 0) | bit

    def of_entity(self, key: EntityKey, rows: Iterable[Interval]) -> Mask:
        """The questions whose resource an entity is, or whose policies it carries. `rows`: of the entity, at least
        those that say what it is called."""
        account, kind, unique_id = key
        found = self._by_arn.get(unique_id, 0) | self._secrets.get(unique_id[:-7], 0)
        if self._by_name:
            found |= self._by_name.get((account, kind, unique_id.lower()), 0)
        if self._by_name or kind not in ("user", "group", "role"):
            for row in rows:
                if row.attribute == a.ENTITY:
                    arn = str(row.value.get("arn") or "")
                    found |= self._by_arn.get(arn, 0) | self._secrets.get(arn[:-7], 0)
                    found |= self._by_name.get((account, kind, str(row.value.get("name", "")).lower()), 0)
        return found

    def named(self, history: FactHistory, words: Iterable[str]) -> Mask:
        """The questions of resources whose policies hold one of some words (names, unique ids)."""
        known = self._read(history)
        found = 0
        for word in words:
            found |= known.get(word.lower(), 0)
        return found

    def wide(self, history: FactHistory) -> Mask:
        """The questions that may concern any principal, whatever it has: by a policy of the resource that means
        everybody, or because one may be there that nobody has seen."""
        self._read(history)
        return self._wide

    def forget(self) -> None:
        """Policies of these resources may have changed."""
        self._named = None

    def _read(self, history: FactHistory) -> dict[str, Mask]:
        if self._named is None:
            self._named, self._wide = {}, 0
            said: dict[str, tuple[frozenset[str], bool]] = {}
            for number, each in enumerate(self._questions.asked):
                action, resource = each.action.lower(), each.watch.resource
                if resource not in said:
                    said[resource] = _said(history, resource)
                words, is_wide = said[resource]
                bit = 1 << number
                if is_wide or action in _OF_EVERYBODY or needs_resource_policy(action, resource):
                    self._wide |= bit
                for word in words:
                    self._named[word] = self._named.get(word, 0) | bit
        return self._named


def _said(history: FactHistory, resource: str) -> tuple[frozenset[str], bool]:
    """The words of the policies that a resource ever had, and whether one of them may mean everybody."""
    arns = (resource, *carriers(resource))
    keys = dict.fromkeys(key for arn in arns for key in history.with_arn(arn))
    if is_partial_secret(resource):
        keys |= dict.fromkeys(history.secrets_called(resource))
    words: set[str] = set()
    is_wide = False
    for key in keys:
        for row in history.intervals_of(key):
            if row.attribute == a.GRANT:
                words.update(_words(str(row.value["grantee"])))
            elif row.attribute in _DOCUMENTS:
                text = row.value.get("statement" if row.attribute == a.STATEMENT else "document")
                is_wide |= text is None or _means_everybody(text)
                words.update(_words(text or ""))
                for arn, unique_id in (row.value.get("principals") or {}).items():
                    words.update((*_words(arn), unique_id.lower()))
    return frozenset(words), is_wide


def _words(text: str) -> Iterator[str]:
    return (each.lower() for each in _WORD.findall(text))


def _means_everybody(text: str) -> bool:
    """Whether a policy of a resource may allow something to principals that it does not name."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return True
    statements = data.get("Statement", data) if isinstance(data, dict) else data
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or "NotPrincipal" in statement or "Principal" not in statement:
            return True
        principal = statement["Principal"]
        named = [principal] if isinstance(principal, str) else list(principal.values()) if _is_map(principal) else ["*"]
        flat = [name for each in named for name in (each if isinstance(each, list) else [each])]
        if any(not isinstance(name, str) or "*" in name for name in flat):
            return True
    return False


def _is_map(value: object) -> bool:
    return isinstance(value, dict)
