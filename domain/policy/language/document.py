"""Policy documents as statements. Parsed once per text.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from erstwhile.domain.vocabulary.bounded import Weighed

VARIABLES_SINCE = "2012-10-17"


class MalformedDocument(ValueError):
    """not a policy document"""


class ConditionEntry(msgspec.Struct, frozen=True):
    """One key of one operator: `StringEquals: {"aws:username": ["ada"]}`."""

    operator: str
    key: str
    values: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True):
    """One statement. Exactly one of each pair (actions, not_actions), (resources, not_resources) is given."""

    index: int
    sid: str
    allows: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: tuple[tuple[str, str], ...] | None
    not_principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[ConditionEntry, ...]
    has_variables: bool


class Document(msgspec.Struct, frozen=True):
    version: str
    statements: tuple[Statement, ...]


_MEMBERS = frozenset(("Id", "Statement", "Version"))
_STATEMENT_MEMBERS = frozenset(
    ("Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid")
)
"""What is called otherwise (`Conditions`) was meant to say something: to pass over it would grant more."""


MOST_TEXT = 2_000_000
"""Characters of the documents that are kept: parsed and compiled, each takes some six bytes."""
_parsed: Weighed[str, Document] = Weighed(MOST_TEXT)


def forget_parsed() -> None:
    _parsed.clear()


def parse_document(text: str) -> Document:
    """Raises MalformedDocument, with the place."""
    found = _parsed.entries.get(text)
    return found if found is not None else _parsed.keep(text, _parse(text), len(text))


def _parse(text: str) -> Document:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedDocument(f"the document is not JSON: {error}") from None
    if not isinstance(data, dict) or "Statement" not in data:
        raise MalformedDocument("expected an object with Version and Statement")
    strange = data.keys() - _MEMBERS
    if strange:
        raise MalformedDocument(f"{min(strange)} is not a member of a policy")
    version, has_variables = variables_since(data)
    entries = data["Statement"]
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        raise MalformedDocument("Statement must be an object or a list of objects")
    return Document(version, tuple(read_statement(i, entry, has_variables) for i, entry in enumerate(entries)))


def variables_since(data: dict[str, Any]) -> tuple[str, bool]:
    """The version of a document's language, and whether it has policy variables."""
    version = str(data.get("Version") or "2008-10-17")
    return version, version >= VARIABLES_SINCE


def read_statement(index: int, entry: Any, has_variables: bool) -> Statement:
    """A statement, from JSON. Raises MalformedDocument."""
    if not isinstance(entry, dict):
        raise MalformedDocument(f"Statement[{index}] must be an object")
    effect = entry.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise MalformedDocument(f"Statement[{index}].Effect must be Allow or Deny, not {effect!r}")
    strange = entry.keys() - _STATEMENT_MEMBERS
    if strange:
        raise MalformedDocument(f"Statement[{index}].{min(strange)} is not a member of a statement")
    for member in ("Action", "Resource", "Principal"):
        if member in entry and f"Not{member}" in entry:
            raise MalformedDocument(f"Statement[{index}] must not have both {member} and Not{member}")
    if "Action" not in entry and "NotAction" not in entry:
        raise MalformedDocument(f"Statement[{index}] must have Action or NotAction")
    return Statement(
        index=index,
        sid=str(entry.get("Sid") or ""),
        allows=effect == "Allow",
        actions=_texts(entry, "Action", index),
        not_actions=_texts(entry, "NotAction", index),
        resources=_texts(entry, "Resource", index),
        not_resources=_texts(entry, "NotResource", index),
        principals=_principals(entry.get("Principal"), index),
        not_principals=_principals(entry.get("NotPrincipal"), index),
        conditions=_conditions(entry.get("Condition"), index),
        has_variables=has_variables,
    )


def _texts(entry: dict[str, Any], member: str, index: int) -> tuple[str, ...] | None:
    if member not in entry:
        return None
    value = entry[member]
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise MalformedDocument(f"Statement[{index}].{member} must be a string or a list of strings")
    return tuple(items)


def _principals(value: Any, index: int) -> tuple[tuple[str, str], ...] | None:
    if value is None:
        return None
    if value == "*":
        return (("AWS", "*"),)
    if not isinstance(value, dict):
        raise MalformedDocument(f'Statement[{index}].Principal must be "*" or an object')
    return tuple(
        (str(kind), str(item))
        for kind, items in value.items()
        for item in (items if isinstance(items, list) else [items])
    )


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _conditions(value: Any, index: int) -> tuple[ConditionEntry, ...]:
    if not value:
        return ()
    if not isinstance(value, dict) or not all(isinstance(keys, dict) for keys in value.values()):
        raise MalformedDocument(f"Statement[{index}].Condition must be {{operator: {{key: values}}}}")
    return tuple(
        ConditionEntry(
            str(operator),
            str(key),
            tuple(_scalar(item) for item in (items if isinstance(items, list) else [items])),
        )
        for operator, keys in value.items()
        for key, items in keys.items()
    )
