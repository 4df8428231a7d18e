"""Condition keys that are not, that do not apply, and operators and values of another type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.knowledge.global_keys import global_key_type
from erstwhile.domain.policy.knowledge.service_reference import (
    condition_key_type,
    condition_keys,
    is_multivalued,
    is_service,
)
from erstwhile.domain.policy.language.lint.actions import known
from erstwhile.domain.policy.language.lint.finding import Finding, as_list, placed
from erstwhile.domain.policy.language.values import network, number, when

_FAMILY = {
    "string": ("String", "ARN"),
    "arn": ("ARN", "String"),
    "numeric": ("Numeric", "Date"),
    "date": ("Date",),
    "bool": ("Bool", "String"),
    "binary": ("Binary",),
    "ipaddress": ("IPAddress",),
    "notipaddress": ("IPAddress",),
}
"""Which types of keys an operator is for."""
_VALUES = {"numeric": number, "date": when, "ipaddress": network, "notipaddress": network}
_EXPECTED = {"numeric": "a number", "date": "a date (ISO 8601, or seconds)", "bool": "true or false"}
_VARIABLE = re.compile(r"\$\{")
_OWN_WORDS = ("subject:", "action:", "resource:", "erstwhile:")
_ANYWHERE = (
    "kms:encryptioncontext:", "ec2:roledelivery", "ec2:sourceinstancearn", "glue:roleassumedby",
    "glue:credentialissuingservice", "codebuild:buildarn", "codebuild:projectarn", "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn", "identitystore:userid",
)  # fmt: skip
"""Keys of one service that requests for others have: of roles' properties, and with names of their own."""
_UNLISTED = (
    "a4b:amazonid", "a4b:filters_devicetype", "aws-marketplace:productid", "iottwinmaker:linkedservices",
    "lakeformation:gluearn",
)  # fmt: skip
"""Keys in AWS's own managed policies that its service authorization reference does not list for their actions.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"""


def check(statement: dict[str, Any], place: str, has_variables: bool) -> Iterator[Finding]:
    condition = statement.get("Condition") or {}
    for operator, entries in condition.items():
        quantifier, family = _family(operator)
        for key, value in entries.items():
            where = f"{place}.Condition.{operator}.{key}"
            yield from _key(key, where, statement)
            kind = _type_of(key)
            if kind is not None and family is not None and kind not in _FAMILY[family]:
                yield Finding(
                    severity="warning", code="TYPE_MISMATCH", place=where,
                    message=f"{key} is of type {kind}; {operator} is for {' and '.join(_FAMILY[family])}",
                )  # fmt: skip
            yield from _values(family, value, where)
            yield from _quantified(quantifier, statement, key, where)
    if not has_variables:
        for element in ("Resource", "NotResource"):
            for where, text in placed(f"{place}.{element}", statement.get(element)):
                if _VARIABLE.search(text):
                    yield Finding(
                        severity="warning", code="VARIABLES_IN_OLD_VERSION", place=where,
                        message="variables are plain text before version 2012-10-17",
                    )  # fmt: skip


def _family(operator: str) -> tuple[str, str | None]:
    plain = operator.lower()
    quantifier = ""
    if ":" in plain:
        quantifier, plain = plain.split(":", 1)
    plain = plain.removesuffix("ifexists")
    return quantifier, next((family for family in _FAMILY if plain.startswith(family)), None)


def _type_of(key: str) -> str | None:
    kind = global_key_type(key) or condition_key_type(key)
    return None if kind is None else kind.removeprefix("ArrayOf")


def _key(key: str, where: str, statement: dict[str, Any]) -> Iterator[Finding]:
    if key.lower().startswith((*_OWN_WORDS, *_ANYWHERE, *_UNLISTED)):
        return
    service = key.partition(":")[0].lower()
    if service == "aws":
        if global_key_type(key) is None:
            yield Finding(
                severity="warning", code="INVALID_GLOBAL_CONDITION_KEY", place=where, message=f"there is no key {key}"
            )
        return
    if not is_service(service):
        return
    if condition_key_type(key) is None:
        message = f"{service} has no condition key {key}"
        yield Finding(severity="warning", code="INVALID_SERVICE_CONDITION_KEY", place=where, message=message)
        return
    patterns = [text for _, text in placed("", statement.get("Action"))]
    if not patterns or "*" in patterns or any(not is_service(p.partition(":")[0].lower()) for p in patterns):
        return
    without = [pattern for pattern in patterns if known(pattern) and not _takes(pattern, key)]
    if without and len(without) == len([pattern for pattern in patterns if known(pattern)]):
        yield Finding(
            severity="warning", code="UNSUPPORTED_CONDITION_KEY", place=where,
            message=f"{key} is never there in requests for {', '.join(without)}",
        )  # fmt: skip


def _takes(pattern: str, key: str) -> bool:
    name = key.lower().partition("/")[0]
    return any(name == each.lower().partition("/")[0] for action in known(pattern) for each in condition_keys(action))


def _values(family: str | None, value: Any, where: str) -> Iterator[Finding]:
    for each in as_list(value):
        text = str(each).lower() if isinstance(each, bool) else str(each)
        if _VARIABLE.search(text):
            continue
        if family == "bool":
            is_good = text.lower() in ("true", "false")
        else:
            read = _VALUES.get(family or "")
            is_good = read is None or read(text) is not None
        if not is_good:
            expected = _EXPECTED.get(family or "", "an address or a network (203.0.113.0/24)")
            yield Finding(
                severity="warning", code="TYPE_MISMATCH_VALUE", place=where, message=f"{text!r} is not {expected}"
            )


def _quantified(quantifier: str, statement: dict[str, Any], key: str, where: str) -> Iterator[Finding]:
    if not quantifier:
        if is_multivalued(key):
            yield Finding(
                severity="warning", code="MISSING_QUANTIFIER", place=where,
                message=f"{key} may have several values: use ForAnyValue or ForAllValues",
            )  # fmt: skip
        return
    if quantifier == "forallvalues" and statement.get("Effect") == "Allow":
        guarded = any(
            str(value).lower() == "false" and name.lower() == key.lower()
            for operator, entries in statement["Condition"].items()
            if operator.lower() == "null"
            for name, value in entries.items()
        )
        if not guarded:
            yield Finding(
                severity="security_warning", code="FOR_ALL_VALUES_WITH_MISSING_KEY", place=where,
                message=f'ForAllValues holds when {key} is absent: add "Null": {{"{key}": "false"}}',
            )  # fmt: skip
