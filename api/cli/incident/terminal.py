"""A report on a terminal or into a pipe, section by section."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.incident.titled import Part, Table
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import Column, Listing
from erstwhile.api.cli.render import labelled


def print_part(console: SafeConsole, part: Part) -> None:
    """A section: its title, its words, its tables."""
    console.print(f"\n[bold]{console.text(part.title)}[/]")
    for words in part.words:
        console.print(console.text(words))
    for table in part.tables:
        _print_table(console, table)
    for note in part.notes:
        labelled(console, "yellow", "note", note)


def _print_table(console: SafeConsole, table: Table) -> None:
    if table.title:
        console.print(f"[dim]{console.text(table.title)}[/]")
    used = [number for number in range(len(table.columns)) if any(row[number] for row in table.rows)]
    columns = tuple(Column(table.columns[number], _cell(number)) for number in used)
    if columns:
        show(console, Listing(columns, list(table.rows)))
    else:
        console.print(console.text(table.empty))


def _cell(number: int) -> Callable[[Any], str]:
    return lambda row: str(row[number])
