# mypyc: compiled
"""Condition operators, compiled: one `Condition` for each key of each operator.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and, for sets, …/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import ConditionEntry
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or
from erstwhile.domain.policy.language.match import matches, matches_arn
from erstwhile.domain.policy.language.values import in_network, network, number, when
from erstwhile.domain.policy.language.variables import MissingKey, NoValue, has_variable, restored, substitute

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
        is_plain = not (
            self._if_exists or self._negated or self._all_values or self._any_value or self._variable_values
        )
        return self._exact if is_plain else None

    def holds(self, context: Context) -> Kleene:
        """Whether it holds. None in discover mode when a key is missing; the context notes which."""
        given = context.get(self.key)
        if given is None and context.discover:
            context.lacks(self.entry.key)
            return None
        if self._null_values is not None:
            # Null: "true" means that the key is absent, or its values a null data set.
            return _is_null(given) in self._null_values
        if self._all_values or self._any_value:
            if given is None or _is_null(given):
                # Whatever IfExists says: there is nothing of which one could match, and nothing that does not.
                return self._all_values
        elif not given:
            return self._if_exists or self._negated
        elif len(given) > 1:
            # A key with several values requires a set operator.
            return False
        tests = self._tests
        is_sure = True
        if self._variable_values:
            more, is_sure = self._resolved(context)
            tests = (*tests, *more)
        if len(given) == 1:
            return self._one(given[0], tests, is_sure)
        passes = [self._one(value, tests, is_sure) for value in given]
        return kleene_and(passes) if self._all_values else kleene_or(passes)

    def _resolved(self, context: Context) -> tuple[list[Test], bool]:
        """The tests of the values that have variables, and whether these are all. A variable without a value equals
        nothing: its value of the policy drops out.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
        """
        found: list[Test] = []
        is_sure = True
        for value in self._variable_values:
            try:
                found.append(self._to_test(substitute(value, context.get, sure=context.discover)))
            except NoValue:
                continue
            except MissingKey as missing:
                if context.discover:
                    context.lacks(str(missing))
                    is_sure = False
        return found, is_sure

    def _one(self, value: str, tests: tuple[Test, ...], is_sure: bool) -> Kleene:
        """Whether one value of the request passes: it matches any of the policy's, or none where negated."""
        if self._exact is not None and value in self._exact:
            return not self._negated
        for test in tests:
            if test(value):
                return not self._negated
        return self._negated if is_sure else None


def _is_null(given: tuple[str, ...] | None) -> bool:
    """Whether a key is absent, or has no values but empty ones: a null data set."""
    return given is None or not any(given)
