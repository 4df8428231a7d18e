"""Whether a policy document says anything of an action and a resource: found without compiling it, for most.

A timeline meets every version of every policy that a principal had. Nearly all of them speak of other services."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

import orjson

from erstwhile.domain.policy.language.conditions import UnknownOperator, split_operator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import compile_document

_KEPT = 8_192
"""Documents whose actions are kept."""
_DOCUMENT = frozenset(("Id", "Statement", "Version"))
_STATEMENT = frozenset(("Action", "Condition", "Effect", "Resource", "Sid"))


def speaks_of(document: str, action: str, resource: str) -> bool:
    """Whether a policy about principals may say something of an action (lower case) on a resource. One that cannot be
    read may."""
    actions = _actions_of(document)
    if actions is not None and not any(_is_met(each, action) for each in actions):
        return False
    try:
        return any(each.may_cover(resource) for each in compile_document(document, True).about(action))
    except (MalformedDocument, UnknownOperator):
        return True


@lru_cache(maxsize=_KEPT)
def _actions_of(document: str) -> tuple[str, ...] | None:
    """The actions (lower case) of all statements of a document that is of the common form, which can be read for sure;
    None for any other."""
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


def _actions_in(statement: Any) -> list[str] | None:
    if not isinstance(statement, dict) or not statement.keys() <= _STATEMENT:
        return None
    if _texts(statement.get("Resource")) is None or statement.get("Effect") not in ("Allow", "Deny"):
        return None
    return _texts(statement.get("Action")) if _is_readable(statement.get("Condition")) else None


def _is_met(pattern: str, action: str) -> bool:
    return pattern == action or (("*" in pattern or "?" in pattern) and matches(pattern, action))


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
