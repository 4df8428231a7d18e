"""Listings: what a command tells row by row, whatever form it is shown in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec
import typer

from erstwhile.api.problems import bad_request

AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV with every column, for spreadsheets.")]
Columns = Annotated[
    str, typer.Option("--columns", metavar="NAME,NAME", help="The columns to show; `all` for every one there is.")
]
Reverse = Annotated[bool, typer.Option("--reverse", help="The other way round.")]
Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FORM", help="table, json or csv; --json and --csv are short for it.")
]
StreamedOutput = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="FORM", help="table, json, csv, or ndjson: a line of JSON as soon as it is known."
    ),
]
OldestFirst = Annotated[bool, typer.Option("--reverse", help="Oldest first.")]


class Column(msgspec.Struct, frozen=True):
    """A name, and what stands under it for a row: whole, and as briefly as a terminal's table has room for."""

    name: str
    of: Callable[[Any], str]
    brief: Callable[[Any], str] | None = None
    usual: bool = True
    """Whether a table has it without being asked."""
    colour: Callable[[Any], str] | None = None


class Listing(msgspec.Struct, frozen=True):
    """Columns and rows, and the words for when there are none."""

    columns: tuple[Column, ...]
    rows: list[Any]
    empty: str = "nothing"

    def chosen(self, wanted: str, everything: bool = False) -> tuple[Column, ...]:
        """The columns that were asked for: by name, separated by commas; else the usual ones. Raises Problem."""
        names = [name for part in wanted.split(",") if (name := part.strip().lower().replace("_", "-"))]
        if names == ["all"] or (not names and everything):
            return self.columns
        if not names:
            return tuple(column for column in self.columns if column.usual)
        known = {column.name: column for column in self.columns}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise bad_request(
                "unknown_column", f"there is no column {', '.join(unknown)}; there are: {', '.join(known)}"
            )
        return tuple(known[name] for name in names)


OUTPUTS = ("table", "json", "csv")


class Form(msgspec.Struct, frozen=True):
    """How a listing was asked to be shown."""

    as_csv: bool = False
    columns: str = ""
    reverse: bool = False
    as_json: bool = False
    as_lines: bool = False
    """As NDJSON, each line as soon as it is known."""
    other: str = ""
    """A form that this command alone has."""

    def rows(self, rows: Iterable[Any]) -> list[Any]:
        found = list(rows)
        return found[::-1] if self.reverse else found


TABLE = Form()


def form_of(
    output: str, as_json: bool, as_csv: bool, columns: str = "", reverse: bool = False, streams: bool = False,
    other: str = "",
) -> Form:  # fmt: skip
    """The form that options ask for. Raises Problem for an unknown one, and for two at once. `other`: a form that
    the command alone has."""
    known = (*OUTPUTS, *(["ndjson"] if streams else ()), *([other] if other else ()))
    if output not in ("", *known):
        raise bad_request("unknown_output", f"--output: there is no form {output!r}; there are: {', '.join(known)}")
    asked = {*([output] if output else ()), *(["json"] if as_json else ()), *(["csv"] if as_csv else ())}
    if len(asked) > 1:
        raise bad_request("unknown_output", f"one form at a time: {' or '.join(sorted(asked))}")
    return Form("csv" in asked, columns, reverse, "json" in asked, "ndjson" in asked, output if output == other else "")
