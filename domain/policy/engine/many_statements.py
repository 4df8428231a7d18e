# mypyc: compiled
"""Very many statements about one action: those that may bear on a resource, or mean a caller, found without a look at
each.

Serves principals and resources with thousands of policies, which tests/domain/policy/test_much.py asks about.
"""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.domain.policy.evaluation.evaluation import PlacedStatement
from erstwhile.domain.policy.inputs.caller import Caller, ending, own_endings

MANY = 64
"""Statements about one action; of fewer, each is looked at."""


class ByResource:
    """Statements by the resources, or the beginnings of resources, that they name."""

    __slots__ = ("_exact", "_found", "_others", "_prefixes")

    def __init__(self, found: Sequence[PlacedStatement]) -> None:
        self._found = found
        self._others: list[int] = []
        self._exact: dict[str, list[int]] = {}
        self._prefixes: dict[int, dict[str, list[int]]] = {}
        for place, (compiled, _, _) in enumerate(found):
            simple = compiled.simple_resources()
            if simple is None:
                self._others.append(place)
                continue
            for resource in simple[0]:
                self._exact.setdefault(resource, []).append(place)
            for prefix in simple[1]:
                self._prefixes.setdefault(len(prefix), {}).setdefault(prefix, []).append(place)

    def about(self, resource: str) -> list[PlacedStatement]:
        """Those that may be about a resource, in their order."""
        places = set(self._others)
        places.update(self._exact.get(resource, ()))
        for length, prefixes in self._prefixes.items():
            places.update(prefixes.get(resource[:length], ()))
        return [self._found[place] for place in sorted(places)]


class ByName:
    """Statements by the names of the principals that they mean."""

    __slots__ = ("_by_ending", "_found", "_others")

    def __init__(self, found: Sequence[PlacedStatement]) -> None:
        self._found = found
        self._others: list[int] = []
        self._by_ending: dict[str, list[int]] = {}
        for place, (compiled, _, _) in enumerate(found):
            if compiled.statement.not_principals is not None:
                self._others.append(place)
            for _, name in compiled.statement.principals or ():
                self._by_ending.setdefault(ending(name), []).append(place)

    def meaning(self, caller: Caller) -> list[PlacedStatement]:
        """Those that may mean a caller, in their order."""
        places = set(self._others)
        for each in own_endings(caller):
            places.update(self._by_ending.get(each, ()))
        return [self._found[place] for place in sorted(places)]
