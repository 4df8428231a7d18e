# mypyc: compiled
"""Whether two texts are one document: who reads a policy from AWS gets it with other spaces, members in another order
and accounts as the ARN of their root, whatever was written when it was saved."""

from __future__ import annotations

import re
from typing import Any

import orjson

_ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]+")
_KINDS = {"AIDA": "user", "AROA": "role"}
"""How the unique ids of users and roles begin."""


def say_the_same(one: str | None, other: str | None) -> bool:
    """Whether both are the same JSON, but for the order of members and of values in a list (statements keep theirs),
    for lists of one value, which are that value, and for accounts as principals."""
    if one is None or other is None or one == other:
        return one == other
    try:
        documents = orjson.loads(one), orjson.loads(other)
    except orjson.JSONDecodeError:
        return False
    return _written(documents[0]) == _written(documents[1])


def shows_who_is_gone(saved: str, shown: str) -> bool:
    """Whether AWS itself made of the one document the other: in the place of users and roles that were deleted since,
    a policy shows their unique ids. Whose id it is, is not looked at.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    try:
        document, other = orjson.loads(saved), orjson.loads(shown)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(document, dict) or not isinstance(other, dict):
        return False
    is_gone = False
    for one, that in zip(_listed(document.get("Statement")), _listed(other.get("Statement")), strict=False):
        for member in ("Principal", "NotPrincipal"):
            if isinstance(one, dict) and isinstance(that, dict) and _put_back(one.get(member), that.get(member)):
                is_gone = True
    return is_gone and _written(document) == _written(other)


def _put_back(saved: Any, shown: Any) -> bool:
    """Puts ARNs that only the one principal has in the place of unique ids that only the other has."""
    if not isinstance(saved, dict) or not isinstance(shown, dict):
        return False
    names, found = _listed(saved.get("AWS")), _listed(shown.get("AWS"))
    missing = [name for name in names if name not in found]
    is_gone = False
    for place, each in enumerate(found):
        kind = _KINDS.get(each[:4]) if isinstance(each, str) and _UNIQUE_ID.fullmatch(each) else None
        if kind is None or each in names:
            continue
        whose = next((name for name in missing if isinstance(name, str) and f":{kind}/" in name), None)
        if whose is not None:
            missing.remove(whose)
            found[place], is_gone = whose, True
    if is_gone:
        shown["AWS"] = found
    return is_gone


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def has_the_statements(document: str, statements: list[str | None]) -> bool:
    """Whether these are the statements of a document, in any order."""
    try:
        whole = orjson.loads(document)
        parts = [orjson.loads(each) for each in statements if each is not None]
    except orjson.JSONDecodeError:
        return False
    found = whole.get("Statement") if isinstance(whole, dict) else None
    if len(parts) < len(statements) or not isinstance(found, list | dict):
        return False
    listed = found if isinstance(found, list) else [found]
    return sorted(map(_text, map(_plain, listed))) == sorted(map(_text, map(_plain, parts)))


def _written(document: Any) -> bytes:
    if not isinstance(document, dict) or "Statement" not in document:
        return _text(_plain(document))
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    others = {name: _plain(value) for name, value in document.items() if name != "Statement"}
    return _text(others | {"Statement": [_plain(each) for each in listed]})


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(each, key) for key, each in value.items()}
    if isinstance(value, list):
        found = sorted((_plain(each, name) for each in value), key=_text)
        return found[0] if len(found) == 1 else found
    if name == "AWS" and isinstance(value, str) and (root := _ROOT.fullmatch(value)) is not None:
        return root[1]
    return value


def _text(value: Any) -> bytes:
    """In bytes, for in Python `True` equals 1."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
