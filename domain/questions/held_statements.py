"""The statements about one action, with the principals that have them, found by resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.policy.language.conditions import Condition
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.patterns.pattern_parts import intersect
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.policy.language.variables import has_variable

PRINCIPAL_KEYS = (
    "aws:principal", "aws:userid", "aws:username", "aws:sourceidentity", "aws:federatedprovider", "subject:",
)  # fmt: skip
"""Beginnings of condition keys whose value follows from who asks."""
_TAG = "aws:principaltag/"


class OpenStatement(NamedTuple):
    """A statement whose conditions or variables must be looked at, and who has it. `tagged` are its conditions on tags
    of the principal, as (key, tag, values); `keys` are all other condition keys that it reads."""

    compiled: CompiledStatement
    holders: BitMap
    tagged: tuple[tuple[str, str, frozenset[str]], ...]
    rest: tuple[Condition, ...]
    keys: frozenset[str]


def _opened(compiled: CompiledStatement, holders: BitMap) -> OpenStatement:
    tagged: list[tuple[str, str, frozenset[str]]] = []
    rest = []
    for condition in compiled.conditions:
        values = condition.fixed_values()
        if values is not None and condition.key.startswith(_TAG):
            tagged.append((condition.key, condition.key[len(_TAG) :], values))
        else:
            rest.append(condition)
    keys = compiled.keys_read - {key for key, _, _ in tagged}
    return OpenStatement(compiled, holders, tuple(tagged), tuple(rest), keys)


class HeldStatements:
    """The statements of one effect about one action, and who has them, found by resource."""

    __slots__ = ("_any", "_exact", "_general", "_open", "_open_general", "_open_prefixes", "_prefixes")

    def __init__(self) -> None:
        self._any = BitMap()
        self._exact: dict[str, BitMap] = {}
        self._prefixes: dict[int, dict[str, BitMap]] = {}
        self._general: list[tuple[CompiledStatement, BitMap]] = []
        self._open: dict[str, list[OpenStatement]] = {}
        self._open_prefixes: dict[int, dict[str, list[OpenStatement]]] = {}
        self._open_general: list[OpenStatement] = []

    def add(self, compiled: CompiledStatement, holders: BitMap) -> None:
        if compiled.is_always:
            self._any |= holders
            return
        simple = compiled.simple_resources()
        if compiled.is_fixed:
            if simple is None:
                self._general.append((compiled, holders))
                return
            exact, prefixes = simple
            for resource in exact:
                self._exact[resource] = self._exact.get(resource, BitMap()) | holders
            for prefix in prefixes:
                of_length = self._prefixes.setdefault(len(prefix), {})
                of_length[prefix] = of_length.get(prefix, BitMap()) | holders
            return
        opened = _opened(compiled, holders)
        if simple is None:
            self._open_general.append(opened)
            return
        exact, prefixes = simple
        for resource in exact:
            self._open.setdefault(resource, []).append(opened)
        for prefix in prefixes:
            self._open_prefixes.setdefault(len(prefix), {}).setdefault(prefix, []).append(opened)

    def sure(self, resource: str) -> BitMap:
        """Who has a statement that no context can take away."""
        found = self._any.copy()
        exact = self._exact.get(resource)
        if exact is not None:
            found |= exact
        for length, of_length in self._prefixes.items():
            prefixed = of_length.get(resource[:length])
            if prefixed is not None:
                found |= prefixed
        for compiled, holders in self._general:
            if compiled.covers(resource):
                found |= holders
        return found

    def open(self, resource: str) -> Iterable[OpenStatement]:
        """Statements that may be about the resource, and whose conditions or variables must be looked at."""
        yield from self._open.get(resource, ())
        for length, of_length in self._open_prefixes.items():
            yield from of_length.get(resource[:length], ())
        for opened in self._open_general:
            if opened.compiled.may_cover(resource):
                yield opened


def varies_by_caller(resource: str, context: Context) -> Callable[[CompiledStatement], bool]:
    """Whether a statement looks at a condition key whose value follows from the caller."""

    def varies(compiled: CompiledStatement) -> bool:
        return any(follows_from_caller(key, resource, context) for key in compiled.keys_read)

    return varies


def follows_from_caller(key: str, resource: str, context: Context) -> bool:
    """Whether the value of a condition key (lower case) may differ from caller to caller."""
    if key in context.given:
        return False
    # What is asked of `*` is asked of the caller's own account.
    return key.startswith(PRINCIPAL_KEYS) or (resource == "*" and key.startswith(("aws:resource", "resource:")))


def may_meet(compiled: CompiledStatement, pattern: str) -> bool:
    """Whether a statement may be about some resource that the pattern matches."""
    if compiled.statement.resources is None:
        return True
    return any(has_variable(each) or intersect(each, pattern) for each in compiled.resources or ())
