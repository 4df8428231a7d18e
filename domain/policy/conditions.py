"""Condition operators, compiled: one `Condition` for each key of each operator.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and, for sets, …/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.domain.policy.context import Context
from erstwhile.domain.policy.document import ConditionEntry
from erstwhile.domain.policy.kleene import Kleene
from erstwhile.domain.policy.match import matches, matches_arn
from erstwhile.domain.policy.values import in_network, network, number, when
from erstwhile.domain.policy.variables import MissingKey, has_variable, restored, substitute

Test = Callable[[str], bool]
"""(value in the request) → holds"""

NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


class UnknownOperator(ValueError):
    """there is no such condition operator"""


def _equals(wanted: str) -> Test:
    return restored(wanted).__eq__


def _equals_ignoring_case(wanted: str) -> Test:
    lowered = restored(wanted).lower()
    return lambda given: given.lower() == lowered


def _like(wanted: str) -> Test:
    return lambda given: matches(wanted, given)


def _arn_like(wanted: str) -> Test:
    return lambda given: matches_arn(wanted, given)


def _numeric(relation: str) -> Callable[[str], Test]:
    def compiled(wanted: str) -> Test:
        right = number(wanted)

        def test(given: str) -> bool:
            left = number(given)
            return left is not None and right is not None and _stands(left.compare(right), relation)

        return test

    return compiled


def _date(relation: str) -> Callable[[str], Test]:
    def compiled(wanted: str) -> Test:
        right = when(wanted)

        def test(given: str) -> bool:
            left = when(given)
            if left is None or right is None:
                return False
            return _stands((left > right) - (left < right), relation)

        return test

    return compiled


def _stands(order: object, relation: str) -> bool:
    """Whether left stands in the relation to right; `order` is -1, 0 or 1."""
    match relation:
        case "equals":
            return order == 0
        case "lessthan":
            return order == -1
        case "lessthanequals":
            return order != 1
        case "greaterthan":
            return order == 1
        case _:
            return order != -1


def _address(wanted: str) -> Test:
    range_ = network(wanted)
    return lambda given: range_ is not None and in_network(given, range_)


_TESTS: dict[str, Callable[[str], Test]] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_ignoring_case,
    "stringlike": _like,
    "bool": _equals_ignoring_case,
    "binaryequals": _equals,
    "ipaddress": _address,
    "arnequals": _arn_like,
    "arnlike": _arn_like,
}
for _relation in ("equals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals"):
    _TESTS[f"numeric{_relation}"] = _numeric(_relation)
    _TESTS[f"date{_relation}"] = _date(_relation)

OPERATORS = frozenset((*_TESTS, *NEGATED, "null"))
QUANTIFIERS = ("", "forallvalues", "foranyvalue")
_TAKES_VARIABLES = ("string", "arn")


def split_operator(text: str) -> tuple[str, str, bool]:
    """(quantifier, operator, whether IfExists), in lower case. Raises UnknownOperator."""
    quantifier, colon, rest = text.lower().partition(":")
    if not colon:
        quantifier, rest = "", quantifier
    operator = rest.removesuffix("ifexists")
    if_exists = operator != rest
    if operator not in OPERATORS or quantifier not in QUANTIFIERS or (operator == "null" and if_exists):
        raise UnknownOperator(f"there is no such condition operator: {text}")
    return quantifier, operator, if_exists


class Condition:
    """One key of one operator."""

    __slots__ = (
        "_all_values", "_any_value", "_exact", "_if_exists", "_negated", "_null_values", "_tests", "_to_test",
        "_variable_values", "entry", "key",
    )  # fmt: skip

    def __init__(self, entry: ConditionEntry, variables: bool) -> None:
        """Raises UnknownOperator."""
        quantifier, operator, self._if_exists = split_operator(entry.operator)
        self.entry = entry
        self.key = entry.key.lower()
        self._all_values = quantifier == "forallvalues"
        self._any_value = quantifier == "foranyvalue"
        self._negated = operator in NEGATED
        plain = NEGATED.get(operator, operator)
        self._null_values: frozenset[bool] | None = None
        self._variable_values: tuple[str, ...] = ()
        self._tests: tuple[Test, ...] = ()
        self._exact: frozenset[str] | None = None
        self._to_test: Callable[[str], Test] = _equals
        if operator == "null":
            self._null_values = frozenset(value.lower() == "true" for value in entry.values)
            return
        self._to_test = _TESTS[plain]
        fixed = entry.values
        if variables and plain.startswith(_TAKES_VARIABLES):
            self._variable_values = tuple(value for value in entry.values if has_variable(value))
            fixed = tuple(value for value in entry.values if not has_variable(value))
        if plain == "stringequals":
            self._exact = frozenset(fixed)
        else:
            self._tests = tuple(self._to_test(value) for value in fixed)

    def fixed_values(self) -> frozenset[str] | None:
        """The values, where it is a plain StringEquals without variables; else None."""
        is_plain = not (self._if_exists or self._negated or self._all_values or self._variable_values)
        return self._exact if is_plain else None

    def holds(self, context: Context) -> Kleene:
        """Whether it holds. None in discover mode when a key is missing; the context notes which."""
        given = context.get(self.key)
        if given is None and context.discover:
            context.lacks(self.entry.key)
            return None
        if self._null_values is not None:
            # Null: "true" means that the key is absent.
            return (given is None) in self._null_values
        if given is None:
            if self._if_exists:
                return True
            return self._all_values or (self._negated and not self._any_value)
        tests = self._tests
        if self._variable_values:
            try:
                sure = context.discover
                more = [self._to_test(substitute(value, context.get, sure=sure)) for value in self._variable_values]
            except MissingKey as missing:
                # A variable without a value makes the condition fail, whatever its operator.
                if not context.discover:
                    return False
                context.lacks(str(missing))
                return None
            tests = (*tests, *more)
        if self._all_values:
            return all(self._one(value, tests) for value in given)
        if self._any_value or not self._negated:
            return any(self._one(value, tests) for value in given)
        return all(self._one(value, tests) for value in given)

    def _one(self, value: str, tests: tuple[Test, ...]) -> bool:
        """Whether one value of the request passes: it matches any of the policy's, or none where negated."""
        if self._exact is not None and value in self._exact:
            return not self._negated
        for test in tests:
            if test(value):
                return not self._negated
        return self._negated
