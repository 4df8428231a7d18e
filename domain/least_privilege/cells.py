"""Actions, resources and condition keys that stand for all that some statements tell apart.

Whether a statement bears on a request depends only on which of its patterns match, and on how the values of the keys
stand to those that its conditions name. So one action of each part, one resource of each part, and one value of each
kind decide for all of them. Of a key with several values, none, one, and two of them are looked at.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import combinations, product

from erstwhile.domain.policy.knowledge.service_reference import is_multivalued
from erstwhile.domain.policy.language.conditions import split_operator
from erstwhile.domain.policy.language.patterns.pattern_parts import WELL_FORMED, Effort, TooMuch, parts, reduced
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.policy.language.values import network, number, when
from erstwhile.domain.policy.language.variables import has_variable, keys_of, substitute
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.instants import format_instant

MOST_CONTEXTS = 20_000
"""Combinations of values that are looked at for one action and resource."""
ANY_ACTION = "?*:?*"
NO_RESOURCE = "*"
"""What a request for an action without a resource is about."""
_SOME_VALUE = "some-value"
_Values = tuple[str, ...] | None
"""The values of a key; None: it is absent."""


def actions_of(statement: CompiledStatement, among: Sequence[CompiledStatement], effort: Effort) -> list[str]:
    """One action (lower case) of each part into which the patterns of `among` cut those that a statement speaks of.
    Raises TooMuch."""
    patterns = tuple(dict.fromkeys(pattern for each in among for pattern in _action_patterns(each)))
    if statement.statement.actions is None:
        within: list[tuple[str, ...]] = [(ANY_ACTION,)]
    else:
        within = [(ANY_ACTION, pattern.lower()) for pattern in statement.statement.actions]
    found = dict.fromkeys(one for each in within for one in parts(each, patterns, effort))
    return [each for each in found if statement.speaks_of(each)]


def _action_patterns(statement: CompiledStatement) -> list[str]:
    given = statement.statement
    return [each.lower() for each in (given.actions if given.actions is not None else given.not_actions or ())]


def resources_of(
    statement: CompiledStatement, among: Sequence[CompiledStatement], context: ContextDict, effort: Effort
) -> list[str]:
    """One resource of each part into which the patterns of `among` cut those that a statement covers, where variables
    have the values of a context. Raises TooMuch."""
    patterns = tuple(dict.fromkeys(one for each in among for one in _filled(each.resources or (), context)))
    own = _filled(statement.resources or (), context)
    is_all = statement.statement.not_resources is not None or not own or "*" in own
    within = [(WELL_FORMED,)] if is_all else [(pattern,) for pattern in own]
    found = [one for each in within for one in parts(each, tuple(reduced(each, patterns, effort)), effort)]
    return list(dict.fromkeys([*found, NO_RESOURCE] if is_all else found))


def _filled(resources: Iterable[str], context: ContextDict) -> list[str]:
    return [
        substitute(each, lambda key: context.get(key) or (_SOME_VALUE,)) if has_variable(each) else each
        for each in resources
    ]


def variable_keys(statements: Iterable[CompiledStatement]) -> set[str]:
    """The keys on which the resources of statements depend."""
    return {key for each in statements for text in each.resources or () if each.varies for key in keys_of(text)}


def contexts_of(statements: Sequence[CompiledStatement], variables: Iterable[str] = ()) -> Iterator[ContextDict]:
    """Contexts that stand for all that the conditions of statements tell apart. `variables`: keys that have to have a
    value besides. Raises TooMuch."""
    kinds: dict[str, dict[_Values, None]] = {key: {(_SOME_VALUE,): None, None: None} for key in variables}
    for each in statements:
        for entry in each.statement.conditions:
            key, told = entry.key.lower(), kinds.setdefault(entry.key.lower(), {None: None})
            for name in (one for value in entry.values for one in keys_of(value)):
                kinds.setdefault(name, {(_SOME_VALUE,): None, None: None})
            quantifier, operator, _ = split_operator(entry.operator)
            values = list(dict.fromkeys(_kinds(operator, entry.values)))
            told.update(dict.fromkeys((value,) for value in values))
            if quantifier or is_multivalued(key):
                told.update(dict.fromkeys([(), *combinations(values, 2)]))
    count = 1
    for told in kinds.values():
        count *= len(told)
        if count > MOST_CONTEXTS:
            raise TooMuch(f"the conditions on {', '.join(sorted(kinds))} have more combinations than are looked at")
    for chosen in product(*kinds.values()):
        yield {key: values for key, values in zip(kinds, chosen, strict=True) if values is not None}


def _kinds(operator: str, values: Sequence[str]) -> Iterator[str]:
    """Values that stand in each way to those of a condition."""
    values = [substitute(each, lambda key: (_SOME_VALUE,)) for each in values]
    if operator == "null":
        yield _SOME_VALUE
    elif operator.startswith("bool"):
        yield from ("true", "false")
    elif operator.startswith("numeric"):
        numbers = sorted(one for each in values if (one := number(each)) is not None)
        yield from (f"{one + step:f}" for one in numbers for step in (-1, 0, 1))
    elif operator.startswith("date"):
        for instant in (at for each in values if (at := when(each)) is not None):
            yield from (format_instant(instant + timedelta(seconds=step)) for step in (-1, 0, 1))
    elif "ipaddress" in operator:
        yield from _addresses(values)
    else:
        yield from (each for each in values if "*" not in each and "?" not in each)
        yield from (each.swapcase() for each in values if operator.endswith("ignorecase"))
        wild = tuple(values)
        yield from parts(("?*",), wild)
        if operator.startswith("arn"):
            yield from parts((WELL_FORMED,), wild)


def _addresses(values: Sequence[str]) -> Iterator[str]:
    yield from ("192.0.2.77", "2001:db8::77")
    for each in values:
        range_ = network(each)
        if range_ is not None:
            yield str(range_[0])
            beyond = int(range_.broadcast_address) + 1
            if beyond < 2**range_.max_prefixlen:
                yield str(ipaddress.ip_address(beyond) if range_.version == 4 else ipaddress.IPv6Address(beyond))
