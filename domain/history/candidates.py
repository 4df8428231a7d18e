"""Who may be allowed an action on a resource at some time of a window: found from the documents that held in it,
without a look at anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.evaluation.exemptions import (
    NEEDS_NO_PERMISSION,
    SESSION_TOKEN,
    WITHOUT_CREDENTIALS,
    needs_resource_policy,
)
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.policy_carriers import carriers, is_partial_secret
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.principal_binding import bound
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.questions.outsiders import ANYBODY
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of

_POLICIES_THERE = (a.POLICY, a.STATEMENT, a.GRANT, a.TRUST)
PRINCIPALS = ("user", "role")
_OF_EVERYBODY = NEEDS_NO_PERMISSION | WITHOUT_CREDENTIALS | {SESSION_TOKEN}
"""Actions (lower case) that somebody may without a policy that speaks of them."""


class _Says(NamedTuple):
    speaks: bool
    allows: bool


_UNKNOWN = _Says(True, True)


class Candidates:
    """Of one action and resource in [begin, end). Whoever is not among them was denied throughout."""

    def __init__(self, history: FactHistory, action: str, resource: str, begin: datetime, end: datetime) -> None:
        self._history = history
        self._action = action.lower()
        self._resource = resource
        self._window = (begin, end)
        self._accounts = list(dict.fromkeys(account for account, _ in history.kinds()))
        self.everybody = self._action in _OF_EVERYBODY
        self.silent_policies: set[str] = set()
        """The ARNs of attached policies that say nothing of the action on the resource."""
        self._found: dict[EntityKey, None] = {}
        self._groups: dict[EntityKey, Sequence[Interval]] = {}
        self._last: tuple[EntityKey, Sequence[Interval]] | None = None
        self._look_at_resource()
        if not self.everybody:
            self._look_at_holders()

    def principals(self) -> Iterator[EntityKey]:
        """The users and roles that were there."""
        everybody = (key for kind in PRINCIPALS for key in self._history.of_kind(kind))
        for key in everybody if self.everybody else self._found:
            rows = self._history.intervals_of(key)
            if any(row.attribute == a.ENTITY and self._is_inside(row) for row in rows):
                self._last = key, rows
                yield key

    def _is_inside(self, row: Interval) -> bool:
        begin, end = self._window
        return row.valid_from < end and begin < row.valid_to and row.valid_from < row.valid_to

    def _add(self, key: EntityKey) -> None:
        if key[1] == "group":
            for member in self._history.holders(key[0], a.MEMBER_OF, key[2]):
                self._found[member] = None
        elif key[1] in PRINCIPALS:
            self._found[key] = None

    # What principals have.

    def _look_at_holders(self) -> None:
        history = self._history
        for attribute in (a.COVERAGE, a.VANISHED):
            for key in history.having(attribute):
                self._add(key)
        for row in history.with_attribute(a.INLINE):
            if self._is_inside(row) and self._says(row.value.get("document")).allows:
                self._add(row[:3])
        self._add_members_of_unknown_groups()
        allowing, speaking = set(history.having(a.GAP)), set(history.having(a.GAP))
        for row in history.with_attribute(a.VERSION):
            says = self._says(row.value.get("document"))
            if says.speaks:
                speaking.add(row[:3])
            if says.allows:
                allowing.add(row[:3])
        for arn in history.items_of(a.ATTACHED):
            policies = dict.fromkeys(self._policies(arn))
            is_known = self._is_known_throughout(arn, policies)
            if is_known and speaking.isdisjoint(policies):
                self.silent_policies.add(arn)
            elif not is_known or not allowing.isdisjoint(policies):
                for account in self._accounts:
                    for holder in history.holders(account, a.ATTACHED, arn):
                        self._add(holder)

    def _says(self, document: str | None) -> _Says:
        """Whether a document says something of the action on the resource, and whether it allows it, or may do so."""
        if document is None:
            return _UNKNOWN
        try:
            about = compile_document(document, True).about(self._action)
        except (MalformedDocument, UnknownOperator):
            return _UNKNOWN
        there = [each for each in about if each.may_cover(self._resource)]
        return _Says(bool(there), any(each.allows for each in there))

    def rows_of(self, key: EntityKey) -> Sequence[Interval]:
        """The intervals of an entity; those of the principal that was named last are not read again."""
        return self._last[1] if self._last is not None and self._last[0] == key else self._history.intervals_of(key)

    def rows_of_group(self, key: EntityKey) -> Sequence[Interval]:
        """The intervals of a group, read once."""
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = self._history.intervals_of(key)
        return found

    def _policies(self, arn: str) -> Iterator[EntityKey]:
        """The policies that an ARN may have meant."""
        yield from self._history.with_arn(arn)
        if policy_account(arn) == AWS_MANAGED:
            yield from self._history.with_name(AWS_MANAGED, "policy", policy_name_of(arn).lower())
            for account in self._accounts:
                yield from self._history.with_name(account, SHOWN, arn.lower())

    def _is_known_throughout(self, arn: str, policies: Iterable[EntityKey]) -> bool:
        """Whether somebody's policy of this ARN was known as long as it was attached: one that was not known may have
        said anything."""
        begin, end = self._window
        for key in policies:
            rows = [row for row in self._history.intervals_of(key) if row.valid_from < row.valid_to]
            described, default = (
                [row for row in rows if row.attribute == attribute] for attribute in (a.ENTITY, a.DEFAULT)
            )
            if any(not _covers(_versions(rows, row), row.valid_from, row.valid_to) for row in default):
                continue
            if _covers(described, begin, end) and _covers(default, begin, end):
                return True
            since = max(min((row.valid_from for row in each), default=end) for each in (described, default))
            until = min(max((row.valid_to for row in each), default=begin) for each in (described, default))
            if _covers(described, since, until) and _covers(default, since, until):
                held = [row for row in self._attachments(arn) if self._is_inside(row)]
                if all(since <= row.valid_from and row.valid_to <= until for row in held):
                    return True
        return False

    def _attachments(self, arn: str) -> Iterator[Interval]:
        for account in self._accounts:
            for holder in self._history.holders(account, a.ATTACHED, arn):
                for row in self._history.intervals_of(holder):
                    if row.attribute == a.ATTACHED and row.item == arn:
                        yield row

    def _add_members_of_unknown_groups(self) -> None:
        for unique_id in self._history.items_of(a.MEMBER_OF):
            there = {account: self._existence((account, "group", unique_id)) for account in self._accounts}
            # The ids that AWS gives are of one account; those that stand for unknown ones are not.
            if not unique_id.startswith("~") and any(_covers(rows, *self._window) for rows in there.values()):
                continue
            for account, rows in there.items():
                members = list(self._history.holders(account, a.MEMBER_OF, unique_id))
                if members and not self._is_there_for(members, unique_id, rows):
                    self._found |= dict.fromkeys(members)

    def _existence(self, group: EntityKey) -> list[Interval]:
        return [row for row in self.rows_of_group(group) if row.attribute == a.ENTITY]

    def _is_there_for(self, members: list[EntityKey], unique_id: str, group: list[Interval]) -> bool:
        """Whether a group was known as long as it had members."""
        rows = [
            row
            for key in members
            for row in self._history.intervals_of(key)
            if row.attribute == a.MEMBER_OF and row.item == unique_id and self._is_inside(row)
        ]
        return all(_covers(group, row.valid_from, row.valid_to) for row in rows)

    # What the resource's own policies say.

    def _look_at_resource(self) -> None:
        """Whom they may mean, of the users and roles."""
        history = self._history
        for key in self.resources():
            for row in history.intervals_of(key):
                if row.attribute in _POLICIES_THERE and self._is_inside(row):
                    self._look_at_resource_policy(row)
        needs_policy = needs_resource_policy(self._action, self._resource)
        if needs_policy and not _covers(self._rows_of_known_policies(), *self._window):
            self.everybody = True  # a policy that was never seen may allow it to anybody

    def _rows_of_known_policies(self) -> Iterator[Interval]:
        """When the resource was there, with a policy: each as one interval."""
        for key in self.resources():
            rows = self._history.intervals_of(key)
            for there in (row for row in rows if row.attribute == a.ENTITY):
                for row in (row for row in rows if row.attribute in _POLICIES_THERE):
                    begin, end = max(row.valid_from, there.valid_from), min(row.valid_to, there.valid_to)
                    if begin < end:
                        yield row._replace(valid_from=begin, valid_to=end)

    def resources(self) -> list[EntityKey]:
        """The resources, roles and users whose policies ever were about this resource."""
        arns = (self._resource, *carriers(self._resource))
        found = dict.fromkeys(key for arn in arns for key in self._history.with_arn(arn))
        if is_partial_secret(self._resource):
            found |= dict.fromkeys(self._history.secrets_called(self._resource))
        return [key for key in found if key[1] in ("resource", "role", "user")]

    def _look_at_resource_policy(self, row: Interval) -> None:
        for name in self._granted(row):
            if account_named(name):
                continue  # an account's name alone grants nothing: its identity policies must
            if name == ANYBODY:
                self.everybody = True
            else:
                self._add_named(name)

    def _granted(self, row: Interval) -> Iterable[str]:
        """Whom a policy of a resource may allow the action."""
        if row.attribute == a.GRANT:
            return (str(row.value["grantee"]),)
        text = row.value.get("statement") if row.attribute == a.STATEMENT else row.value.get("document")
        if text is None:
            return (ANYBODY,)
        if row.attribute == a.STATEMENT:
            text = f'{{"Version":"2012-10-17","Statement":[{text}]}}'
        try:
            about = compile_document(bound(text, row.value.get("principals") or {})).about(self._action)
        except (MalformedDocument, UnknownOperator):
            return (ANYBODY,)
        allowing = [each.statement for each in about if each.allows]
        if any(each.not_principals is not None for each in allowing):
            return (ANYBODY,)
        return [name for each in allowing for _, name in each.principals or ()]

    def _add_named(self, name: str) -> None:
        parts = name.split(":", 5)
        if len(parts) == 6:
            kind, _, rest = parts[5].partition("/")
            name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
            for each in PRINCIPALS:
                self._found |= dict.fromkeys(self._history.with_name(parts[4], each, name.lower()))
            return
        for account in self._accounts:
            for each in PRINCIPALS:
                self._found[account, each, name] = None


def _covers(rows: Iterable[Interval], begin: datetime, end: datetime) -> bool:
    """Whether rows hold throughout [begin, end)."""
    at = begin
    for row in sorted(rows, key=lambda each: each.valid_from):
        if row.valid_from > at:
            break
        at = max(at, row.valid_to)
    return at >= end


def _versions(rows: Iterable[Interval], default: Interval) -> list[Interval]:
    return [row for row in rows if row.attribute == a.VERSION and row.item == default.value["version"]]
