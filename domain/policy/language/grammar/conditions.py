"""Condition: operators, keys, and values that have to be read.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.knowledge.service_reference import leaves_colons
from erstwhile.domain.policy.language.conditions import OPERATORS
from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.uses import Use
from erstwhile.domain.policy.language.values import when

_QUANTIFIERS = ("forallvalues:", "foranyvalue:")
_VENDOR = re.compile(r"^[^\s:]+$")
_TAG_LIKE = re.compile(r"^[A-Za-z0-9._-]+/")
_AT_A_PORT = re.compile(r"^\d{1,5}(/[^:]*)?:[^:]+$")
"""Of an identity provider at a port (`localhost:8443:sub`): AWS takes none, a service of one's own may."""
OWN_VENDORS = ("subject", "action", "resource", "erstwhile")
"""Of an application's own words, whose properties have the names that the application gives them."""


def condition_problems(value: Any, place: str, use: Use) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield problem(use, "type", place, "must be an object")
        return
    for operator, keys in value.items():
        plain = _plain(operator)
        where = f"{place}.{operator}"
        if plain not in OPERATORS and (plain == "nullifexists" or plain.removesuffix("ifexists") not in OPERATORS):
            yield problem(use, "operator", where, "is not a condition operator")
        if not isinstance(keys, dict):
            yield problem(use, "type", where, "must be an object")
            continue
        for key, items in keys.items():
            yield from _key_problems(key, f"{where}.{key}", use)
            yield from _value_problems(plain, items, f"{where}.{key}", use)


def _plain(operator: str) -> str:
    plain = operator.lower()
    for quantifier in _QUANTIFIERS:
        plain = plain.removeprefix(quantifier)
    return plain


def _key_problems(key: str, where: str, use: Use) -> Iterator[Problem]:
    vendor, colon, name = key.partition(":")
    if not colon or not name or not _VENDOR.match(vendor):
        yield problem(use, "prefix", where, "is not a condition key: service:name is expected")
    elif ":" in name and not _may_have_colons(vendor.lower(), name):
        yield problem(use, "condition_colons", where, "is not a condition key: it has more than one colon")


def _may_have_colons(vendor: str, name: str) -> bool:
    """Colons belong to what a service leaves to its users: tag keys (`aws:ResourceTag/eks:cluster-name`), encryption
    contexts (`kms:EncryptionContext:aws:s3:arn`). The name of an identity provider has none."""
    if vendor in OWN_VENDORS or _AT_A_PORT.match(name):
        return True
    if "." in vendor or "/" in vendor:
        return False
    if _TAG_LIKE.match(name):
        return True
    return f"{vendor}:{name}".lower().startswith(leaves_colons(vendor))


def _value_problems(plain: str, items: Any, where: str, use: Use) -> Iterator[Problem]:
    values = items if isinstance(items, list) else [items]
    if not all(isinstance(item, str | int | float | bool) for item in values):
        yield problem(use, "type", where, "must be a value or a list of values")
    elif plain == "null" and not all(str(item).lower() in ("true", "false") for item in values):
        yield problem(use, "null", where, "must be true or false")
    elif plain.startswith("date"):
        for item in values:
            text = str(item)
            if "${" not in text and when(text) is None:
                yield problem(use, "date", where, f"{text!r} is not a date (ISO 8601, or seconds)")
