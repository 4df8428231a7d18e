"""Condition keys and their values."""

from __future__ import annotations

from collections.abc import Mapping

ContextValues = Mapping[str, tuple[str, ...]]
"""By key, in lower case."""
ContextDict = dict[str, tuple[str, ...]]
"""The same while it is put together."""
