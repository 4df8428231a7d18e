"""Documents of the common form of policies about principals: whichever of their statements are read, the whole can be
read and compiled for sure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import orjson

from erstwhile.domain.policy.language.conditions import UnknownOperator, split_operator
from erstwhile.domain.policy.language.document import variables_since
from erstwhile.domain.vocabulary.typed import convert, decode

_DOCUMENT = frozenset(("Id", "Statement", "Version"))
_STATEMENT = frozenset(("Action", "Condition", "Effect", "Resource", "Sid"))
Entry = dict[str, Any]
"""A statement as JSON."""


class Usual(msgspec.Struct, forbid_unknown_fields=True):
    """A statement of the common form, as nearly all are written."""

    Effect: Literal["Allow", "Deny"]
    Action: str | list[str]
    Resource: str | list[str]
    Sid: Any = None
    Condition: dict[str, dict[str, Any]] | None = None


_USUAL = list[Usual]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    Statement: list[Usual]
    Version: Any = None
    Id: Any = None


def usual_statements(document: str) -> list[Usual] | None:
    """What the statements of a document of the common form speak of; None for any other."""
    # What is written with escapes may be read by one reader of JSON, and refused by another.
    if "\\" not in document:
        try:
            found = decode(document, _Document).Statement
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            found = None
        if found is not None and all(_is_readable(each.Condition) for each in found if each.Condition):
            return found
    read = entries_of(document)
    return None if read is None else [Usual(each["Effect"], each["Action"], each["Resource"]) for each in read[0]]


def entries_of(document: str) -> tuple[list[Entry], bool] | None:
    """The statements of a document of the common form as JSON, and whether it has policy variables; None for any
    other."""
    try:
        data = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict) or not data.keys() <= _DOCUMENT:
        return None
    entries = data.get("Statement")
    if not isinstance(entries, list) or not _are_common(entries):
        return None
    return entries, variables_since(data)[1]


def _are_common(entries: list[Any]) -> bool:
    try:
        usual = convert(entries, _USUAL)
    except msgspec.ValidationError:
        return all(map(_is_common, entries))
    return all(_is_readable(each.Condition) for each in usual if each.Condition)


def _is_common(statement: Any) -> bool:
    return (
        isinstance(statement, dict)
        and statement.keys() <= _STATEMENT
        and statement.get("Effect") in ("Allow", "Deny")
        and _are_texts(statement.get("Action"))
        and _are_texts(statement.get("Resource"))
        and _is_readable(statement.get("Condition"))
    )


def _are_texts(value: Any) -> bool:
    """Whether a member is there, and is a text or a list of texts."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _is_readable(condition: Any) -> bool:
    if not condition:
        return True
    if not isinstance(condition, dict) or not all(isinstance(keys, dict) for keys in condition.values()):
        return False
    try:
        for operator in condition:
            split_operator(operator)
    except UnknownOperator:
        return False
    return True
