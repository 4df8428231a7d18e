"""Condition keys and their values."""

from __future__ import annotations

from collections.abc import Mapping

ContextValues = Mapping[str, tuple[str, ...]]
"""Lower-case condition key → its values."""
ContextDict = dict[str, tuple[str, ...]]
"""ContextValues that are still being filled."""
