"""Condition operators, in Kleene's logic: True, False, or None for "depends on a key that was not given".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from domain.instants import MalformedInstant, parse_instant
from domain.policy.document import ConditionEntry
from domain.policy.match import matches_arn
from domain.policy.variables import Lookup, MissingKey, matches_literally, restored, substitute

Kleene = bool | None
Test = Callable[[str, str], bool]
"""(value in the policy, value in the request) → holds"""


def kleene_or(values: Iterable[Kleene]) -> Kleene:
    """True if any is; else None if any is; else False."""
    result: Kleene = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def kleene_and(values: Iterable[Kleene]) -> Kleene:
    """False if any is; else None if any is; else True."""
    result: Kleene = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        left, right = _number(given), _number(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


def _instant(text: str) -> datetime | None:
    """ISO 8601 (a bare date is midnight UTC), or seconds since 1970."""
    if text.lstrip("-").isdigit() and len(text) > 4:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        return parse_instant(text if "T" in text else f"{text}T00:00:00Z")
    except MalformedInstant:
        return None


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(wanted: str, given: str) -> bool:
        left, right = _instant(given), _instant(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _equals(wanted: str, given: str) -> bool:
    return restored(wanted) == given


def _equals_ignoring_case(wanted: str, given: str) -> bool:
    return restored(wanted).lower() == given.lower()


_TESTS: dict[str, Test] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_ignoring_case,
    "stringlike": matches_literally,
    "numericequals": _numeric(lambda left, right: left == right),
    "numericlessthan": _numeric(lambda left, right: left < right),
    "numericlessthanequals": _numeric(lambda left, right: left <= right),
    "numericgreaterthan": _numeric(lambda left, right: left > right),
    "numericgreaterthanequals": _numeric(lambda left, right: left >= right),
    "dateequals": _date(lambda left, right: left == right),
    "datelessthan": _date(lambda left, right: left < right),
    "datelessthanequals": _date(lambda left, right: left <= right),
    "dategreaterthan": _date(lambda left, right: left > right),
    "dategreaterthanequals": _date(lambda left, right: left >= right),
    "bool": _equals_ignoring_case,
    "binaryequals": _equals,
    "ipaddress": _in_network,
    "arnequals": matches_arn,
    "arnlike": matches_arn,
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
OPERATORS = frozenset((*_TESTS, *_NEGATED, "null"))


class UnknownOperator(ValueError):
    """there is no such condition operator"""


def holds(entry: ConditionEntry, lookup: Lookup, variables: bool, discover: bool, missing: set[str]) -> Kleene:
    """Whether one key of one operator holds. Keys that were not given are added to `missing` in discover mode.

    Raises UnknownOperator.
    """
    operator = entry.operator.lower()
    quantifier, _, rest = operator.partition(":")
    if rest:
        operator = rest
    else:
        quantifier = ""
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    if operator not in OPERATORS or quantifier not in ("", "forallvalues", "foranyvalue"):
        raise UnknownOperator(f"{UnknownOperator.__doc__}: {entry.operator}")
    given = lookup(entry.key)
    if given is None and discover:
        missing.add(entry.key)
        return None
    if operator == "null":
        # Null: true means that the key is absent.
        return _equals_ignoring_case(entry.values[0] if entry.values else "true", "true") == (given is None)
    if given is None and if_exists:
        return True
    negated = operator in _NEGATED
    if given is None:
        return negated if not quantifier else quantifier == "forallvalues"
    try:
        wanted = [substitute(value, lookup) if variables else value for value in entry.values]
    except MissingKey as error:
        if not discover:
            return negated
        missing.add(str(error))
        return None
    test = _TESTS[_NEGATED.get(operator, operator)]

    def one(value: str) -> bool:
        return any(test(each, value) for each in wanted) != negated

    if quantifier == "forallvalues":
        return all(one(value) for value in given)
    return any(one(value) for value in given) if quantifier or not negated else all(one(value) for value in given)
