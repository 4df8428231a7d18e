"""The changes of a CloudFormation change set, as `aws cloudformation describe-change-set --include-property-values`
prints it. What the set itself does not tell is taken from the template, where that is given.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.what_if.cloudformation.properties import NOT_READ, READERS, Properties
from erstwhile.domain.what_if.cloudformation.template import Template
from erstwhile.domain.what_if.pieces import NoPlan, NotUnderstood, Pieces, PlannedChanges, UnknownValue, planned

_EXPECTED = (
    "not a CloudFormation change set as JSON (an object with ChangeSetId, StackId and Changes): "
    "aws cloudformation describe-change-set --include-property-values prints it"
)
_NO_VALUES = (
    "the change set has no property values of it: describe it with --include-property-values, or give the template"
)
_NO_BEFORE = "the change set does not tell what it said before: what it loses is not told"


class _Entry(msgspec.Struct, frozen=True):
    """One resource's change."""

    action: str
    logical: str
    physical: str
    kind: str
    replaced: bool
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def changes_of_set(change_set: Any, template: Any = None) -> PlannedChanges:
    """The changes of a set, in an order in which they can be made. Raises NoPlan for what is no change set, is one page
    of several, or comes with a template that is none."""
    if not isinstance(change_set, dict) or not isinstance(change_set.get("Changes"), list):
        raise NoPlan(_EXPECTED)
    account = account_in(str(change_set.get("StackId") or change_set.get("ChangeSetId") or ""))
    if not account:
        raise NoPlan(_EXPECTED)
    if change_set.get("NextToken"):
        raise NoPlan("the change set has more pages (NextToken): expected all of its changes")
    if template is not None and not (isinstance(template, dict) and isinstance(template.get("Resources"), dict)):
        raise NoPlan("not a CloudFormation template as JSON: expected an object with Resources")
    entries = [
        _entry(each["ResourceChange"])
        for each in change_set["Changes"]
        if isinstance(each, dict) and isinstance(each.get("ResourceChange"), dict)
    ]
    physical = {each.logical: each.physical for each in entries if each.physical and not each.replaced}
    return _Set(entries, account, Template(template or {}, change_set, account, physical)).read()


def _entry(change: dict[str, Any]) -> _Entry:
    return _Entry(
        action=str(change.get("Action", "")), logical=str(change.get("LogicalResourceId", "")),
        physical=str(change.get("PhysicalResourceId") or ""), kind=str(change.get("ResourceType", "")),
        replaced=change.get("Replacement") in ("True", "Conditional"), before=_context(change.get("BeforeContext")),
        after=_context(change.get("AfterContext")),
    )  # fmt: skip


def _context(text: Any) -> dict[str, Any] | None:
    """The properties in a context, which is JSON in a string; None where it has none."""
    try:
        found = orjson.loads(text) if isinstance(text, str) else text
    except orjson.JSONDecodeError:
        return None
    properties = found.get("Properties") if isinstance(found, dict) else None
    return properties if isinstance(properties, dict) else None


class _Set:
    def __init__(self, entries: list[_Entry], account: str, template: Template) -> None:
        self._entries = entries
        self._account = account
        self._template = template
        self._not_understood: list[NotUnderstood] = []

    def read(self) -> PlannedChanges:
        before: Pieces = {}
        after: Pieces = {}
        replaced: set[str] = set()
        for entry in self._entries:
            if entry.kind in NOT_READ:
                self._missing(entry, NOT_READ[entry.kind])
            if entry.kind not in READERS:
                continue
            try:
                old, new = self._before(entry), self._after(entry)
            except UnknownValue as error:
                self._missing(entry, str(error))
                continue
            before |= old
            after |= new
            if entry.replaced:
                replaced |= {piece[1] for piece in old if piece[0] == "entity" and piece in new}
        return planned(before, after, replaced, self._not_understood)

    def _missing(self, entry: _Entry, why: str) -> None:
        self._not_understood.append(NotUnderstood(entry.logical, why))

    def _before(self, entry: _Entry) -> Pieces:
        if entry.action in ("Add", "Import"):
            return {}
        if entry.before is not None:
            return self._pieces(entry, entry.before, entry.physical)
        if entry.action != "Remove":
            self._missing(entry, _NO_BEFORE)
        return dict.fromkeys(self._properties(entry, {}, entry.physical).whole(entry.kind), entry.logical)

    def _after(self, entry: _Entry) -> Pieces:
        if entry.action == "Remove":
            return {}
        found = self._template.properties_of(entry.logical)
        if entry.after is not None:
            found = entry.after | {
                name: value for name, value in (found or {}).items() if not Properties.is_known(entry.after.get(name))
            }
        if found is None:
            raise UnknownValue(_NO_VALUES)
        return self._pieces(entry, found, "" if entry.replaced else entry.physical)

    def _pieces(self, entry: _Entry, values: dict[str, Any], physical: str) -> Pieces:
        return dict.fromkeys(READERS[entry.kind](self._properties(entry, values, physical)), entry.logical)

    def _properties(self, entry: _Entry, values: dict[str, Any], physical: str) -> Properties:
        return Properties(values, self._account, physical or self._template.name_of(entry.logical, entry.kind, values))
