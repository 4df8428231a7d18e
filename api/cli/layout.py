"""Showing a listing: a table where it fits, records where it does not, aligned lines into a pipe, or CSV.

Nothing is ever cut. In a table only spaces are places to break a line; a listing whose longest words do not fit beside
one another becomes records, one line a column.
"""

from __future__ import annotations

import csv
import sys
from typing import Any

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.listing import TABLE, Column, Form, Listing
from erstwhile.api.support.harmless import harmless

_BORDERS = 3
"""Cells that a column's border and padding take."""


def show(console: SafeConsole, listing: Listing, form: Form = TABLE) -> None:
    """Prints a listing in the form that was asked for and that fits. Raises Problem for an unknown column."""
    columns = listing.chosen(form.columns, everything=form.as_csv)
    rows = form.rows(listing.rows)
    if form.as_csv:
        _write_csv(columns, rows)
    elif not rows:
        console.print(console.text(listing.empty))
    else:
        watched = console.is_watched
        made = [(watched and column.brief) or column.of for column in columns]
        texts = [[console.shown(each(row)) for each in made] for row in rows]
        if not watched:
            _lines(console, columns, texts)
        elif (widths := _fitting(columns, texts, console.width)) is not None:
            _table(console, columns, rows, texts, widths)
        else:
            _records(console, columns, rows, texts)


def _write_csv(columns: tuple[Column, ...], rows: list[Any]) -> None:
    """RFC 4180, but for line ends of one character."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([harmless(column.of(row)) for column in columns])


def _lines(console: SafeConsole, columns: tuple[Column, ...], texts: list[list[str]]) -> None:
    """One line a row, columns aligned by spaces: for grep, awk and less -S."""
    head = [column.name for column in columns]
    widths = [max(map(cell_len, cells)) for cells in zip(head, *texts, strict=True)]
    for row in (head, *texts):
        padded = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        console.print("  ".join(padded).rstrip(), markup=False)


def _fitting(columns: tuple[Column, ...], texts: list[list[str]], room: int) -> list[int] | None:
    """How wide each column is: as wide as its longest word, and what room there is beyond that is shared; None where
    the words do not fit."""
    cells = [(column.name, *each) for column, each in zip(columns, zip(*texts, strict=True), strict=True)]
    least = [max(cell_len(word) for text in each for word in (text.split() or [""])) for each in cells]
    wanted = [max(map(cell_len, each)) for each in cells]
    spare = room - 1 - sum(least) - _BORDERS * len(columns)
    if spare < 0:
        return None
    widths = list(least)
    order = sorted(range(len(widths)), key=lambda at: wanted[at] - least[at])
    for done, at in enumerate(order):
        more = min(wanted[at] - least[at], spare // (len(order) - done))
        widths[at] += more
        spare -= more
    return widths


def _table(
    console: SafeConsole, columns: tuple[Column, ...], rows: list[Any], texts: list[list[str]], widths: list[int]
) -> None:
    table = Table()
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column.name, min_width=width, max_width=width, overflow="fold")
    for row, cells in zip(rows, texts, strict=True):
        table.add_row(*(_coloured(column, row, text) for column, text in zip(columns, cells, strict=True)))
    console.print(table, soft_wrap=False)


def _coloured(column: Column, row: Any, text: str) -> str:
    return f"[{column.colour(row)}]{escape(text)}[/]" if column.colour and text else escape(text)


def _records(console: SafeConsole, columns: tuple[Column, ...], rows: list[Any], texts: list[list[str]]) -> None:
    """Rows one under the other, a line for each column that says something."""
    width = max(cell_len(column.name) for column in columns)
    for row, cells in zip(rows, texts, strict=True):
        for column, text in zip(columns, cells, strict=True):
            if text:
                console.print(f"[dim]{escape(column.name.ljust(width))}[/]  {_coloured(column, row, text)}")
        console.print()
