"""Titled tables of text."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from erstwhile.api.cli.times import shown


class Table(Struct, frozen=True):
    """`empty`: the words for when there are no rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    empty: str


class Part(Struct, frozen=True, kw_only=True):
    """A section: lines of words, tables, and what is to be known of them."""

    title: str
    words: tuple[str, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


def at(text: str | None) -> str:
    """An instant in the zone that was asked for; '' where there is none."""
    return shown(text) if text else ""


def span(begin: str | None, end: str | None) -> str:
    """From when to when, in words."""
    return f"{shown(begin) if begin else 'the beginning'} – {shown(end) if end else 'now'}"
