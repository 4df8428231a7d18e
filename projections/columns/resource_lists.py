"""Lists of resources, found by a resource that is, or may be, among them: documents have thousands, and nearly all are
of whole ARNs and beginnings.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.policy.language.statement import CompiledStatement


class ResourceLists:
    def __init__(self, lists: Iterable[tuple[int, CompiledStatement]]) -> None:
        """Each with its number: a statement about its resources."""
        self._whole: dict[str, list[int]] = {}
        self._beginning: dict[int, dict[str, list[int]]] = {}
        """By the length of the beginnings."""
        self._others: list[tuple[int, CompiledStatement]] = []
        for number, each in lists:
            simple = each.simple_resources()
            if simple is None:
                self._others.append((number, each))
                continue
            for text in simple[0]:
                self._whole.setdefault(text, []).append(number)
            for text in simple[1]:
                self._beginning.setdefault(len(text), {}).setdefault(text, []).append(number)

    def reaching(self, resource: str) -> list[int]:
        """The numbers, some perhaps twice."""
        found = [number for number, each in self._others if each.may_cover(resource)]
        found += self._whole.get(resource, ())
        for length, beginnings in self._beginning.items():
            found += beginnings.get(resource[:length], ())
        return found
