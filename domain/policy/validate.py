"""What IAM refuses as a policy document, with the place in the document.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import orjson

from domain.policy.conditions import OPERATORS

Use = Literal["identity", "trust", "resource", "guardrail"]

_DOCUMENT_MEMBERS = {"Version", "Id", "Statement"}
_STATEMENT_MEMBERS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_VERSIONS = ("2008-10-17", "2012-10-17")
_SID = re.compile(r"^[A-Za-z0-9]*$")
_ACTION = re.compile(r"^(\*|[A-Za-z0-9._-]+:[A-Za-z0-9*?._-]+)$")
_PRINCIPAL_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}


class Malformed(ValueError):
    """the policy document breaks the grammar"""


def check(text: str, use: Use) -> None:
    """Raises Malformed for the first thing that IAM would refuse."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"Syntax errors in policy: {error}") from None
    for problem in _problems(data, use):
        raise Malformed(problem)


def _problems(data: Any, use: Use) -> Iterator[str]:
    if not isinstance(data, dict):
        yield "The policy must be a JSON object"
        return
    for member in sorted(set(data) - _DOCUMENT_MEMBERS):
        yield f"{member} is not a member of a policy"
    if data.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield f"Version must be one of {', '.join(_VERSIONS)}"
    statements = data.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        yield "Statement must be an object or a list with at least one object"
        return
    sids: set[str] = set()
    for index, statement in enumerate(statements):
        place = f"Statement[{index}]"
        if not isinstance(statement, dict):
            yield f"{place} must be an object"
            continue
        yield from _statement_problems(statement, place, use)
        sid = statement.get("Sid")
        if sid:
            if sid in sids:
                yield f"{place}.Sid {sid} is not unique"
            sids.add(sid)


def _statement_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[str]:
    for member in sorted(set(statement) - _STATEMENT_MEMBERS):
        yield f"{place}.{member} is not a member of a statement"
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.match(sid):
        yield f"{place}.Sid may hold letters and digits only"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"{place}.Effect must be Allow or Deny"
    yield from _either(statement, place, "Action", "NotAction", required=True)
    for member in ("Action", "NotAction"):
        for action in _texts(statement.get(member)):
            if action is None or not _ACTION.match(action):
                yield f"{place}.{member}: actions must be * or service:operation, not {action!r}"
    if use == "trust":
        if "Resource" in statement or "NotResource" in statement:
            yield f"{place} has a Resource, which a trust policy may not have"
    else:
        yield from _either(statement, place, "Resource", "NotResource", required=True)
        for member in ("Resource", "NotResource"):
            for resource in _texts(statement.get(member)):
                if resource is None or not (resource == "*" or _looks_like_arn(resource)):
                    yield f"{place}.{member}: resources must be * or an ARN, not {resource!r}"
    yield from _principal_problems(statement, place, use)
    yield from _condition_problems(statement.get("Condition"), f"{place}.Condition")


def _either(statement: dict[str, Any], place: str, one: str, other: str, required: bool) -> Iterator[str]:
    given = [member for member in (one, other) if member in statement]
    if len(given) == 2:
        yield f"{place} has both {one} and {other}"
    elif required and not given:
        yield f"{place} must have {one} or {other}"
    elif given and not _texts(statement[given[0]]):
        yield f"{place}.{given[0]} must not be empty"


def _texts(value: Any) -> list[str | None]:
    """The strings of an element; None for what is no string."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else None for item in items]


def _looks_like_arn(text: str) -> bool:
    return text == "*" or (text.startswith("arn:") and text.count(":") >= 5) or text.startswith(("arn:*", "*"))


def _principal_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[str]:
    given = [member for member in ("Principal", "NotPrincipal") if member in statement]
    if use in ("identity", "guardrail"):
        if given and not (use == "guardrail" and statement.get("Principal") == "*"):
            yield f"{place}.{given[0]}: policies of this kind may not name principals"
        return
    if len(given) != 1:
        yield f"{place} must have Principal or NotPrincipal"
        return
    value = statement[given[0]]
    if value == "*":
        return
    if not isinstance(value, dict) or not value:
        yield f'{place}.{given[0]} must be "*" or an object'
        return
    for kind, items in value.items():
        if kind not in _PRINCIPAL_KINDS:
            yield f"{place}.{given[0]}.{kind}: expected one of {', '.join(sorted(_PRINCIPAL_KINDS))}"
        if not _texts(items) or None in _texts(items):
            yield f"{place}.{given[0]}.{kind} must be a string or a list of strings"


def _condition_problems(value: Any, place: str) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, dict):
        yield f"{place} must be an object"
        return
    for operator, keys in value.items():
        plain = operator.lower()
        for quantifier in ("forallvalues:", "foranyvalue:"):
            plain = plain.removeprefix(quantifier)
        if plain.removesuffix("ifexists") not in OPERATORS:
            yield f"{place}.{operator} is not a condition operator"
        if not isinstance(keys, dict):
            yield f"{place}.{operator} must be an object"
            continue
        for key, items in keys.items():
            values = items if isinstance(items, list) else [items]
            if not all(isinstance(item, str | int | float | bool) for item in values):
                yield f"{place}.{operator}.{key} must be a value or a list of values"
