"""Documents of the common form of policies about principals: a part of their statements is read, and the others are
passed over, without compiling the whole.

A question about the past meets every version of every policy that a principal had. Nearly all of their statements speak
of other actions. A document of this form can be read and compiled for sure, whichever of its statements are read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from erstwhile.domain.policy.language.conditions import UnknownOperator, split_operator
from erstwhile.domain.policy.language.document import Document, read_statement, variables_since
from erstwhile.domain.policy.language.match import matches

_KEPT = 8_192
"""Documents whose actions are kept."""
_DOCUMENT = frozenset(("Id", "Statement", "Version"))
_STATEMENT = frozenset(("Action", "Condition", "Effect", "Resource", "Sid"))
Entry = dict[str, Any]
"""A statement as JSON."""


@lru_cache(maxsize=_KEPT)
def actions_of(document: str) -> tuple[str, ...] | None:
    """The actions (lower case) of all statements of a document of the common form; None for any other."""
    try:
        data = orjson.loads(document)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict) or not data.keys() <= _DOCUMENT:
        return None
    statements = data.get("Statement")
    if not isinstance(statements, list):
        return None
    found: dict[str, None] = {}
    for statement in statements:
        actions = _actions_in(statement)
        if actions is None:
            return None
        found |= {sys.intern(each.lower()): None for each in actions}
    return tuple(found)


def is_met(pattern: str, action: str) -> bool:
    """Whether an action of a statement means an action, both in lower case."""
    return pattern == action or (("*" in pattern or "?" in pattern) and matches(pattern, action))


def part_of(document: str, wanted: Callable[[Entry], bool]) -> Document:
    """The statements that are wanted, of a document of the common form (`actions_of`); they keep their numbers."""
    data = orjson.loads(document)
    version, has_variables = variables_since(data)
    entries = enumerate(data["Statement"])
    return Document(version, tuple(read_statement(i, each, has_variables) for i, each in entries if wanted(each)))


def texts_of(entry: Entry, member: str) -> list[str]:
    """The actions or resources of a statement of the common form."""
    value = entry[member]
    return value if isinstance(value, list) else [value]


def _actions_in(statement: Any) -> list[str] | None:
    if not isinstance(statement, dict) or not statement.keys() <= _STATEMENT:
        return None
    if _texts(statement.get("Resource")) is None or statement.get("Effect") not in ("Allow", "Deny"):
        return None
    return _texts(statement.get("Action")) if _is_readable(statement.get("Condition")) else None


def _texts(value: Any) -> list[str] | None:
    """The texts of a member; None where it is missing or of another form."""
    texts = value if isinstance(value, list) else [value]
    return texts if all(isinstance(each, str) for each in texts) else None


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
