# mypyc: compiled
"""Kleene's logic: True, False, or None for "depends on what is not known"."""

from __future__ import annotations

from collections.abc import Iterable

Kleene = bool | None


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
