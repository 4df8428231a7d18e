"""What others named is shown and never obeyed; what is shown is whole."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.cli.console import SafeConsole
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import Column, Form, Listing
from erstwhile.api.cli.visible import encodable, visible, visible_json
from erstwhile.api.problems import Problem

HOSTILE = "a\x1b]0;owned\x07\x1b[31m\u202egpj\u2066\x9b2J\r\n\u2028\x7f\u200bz"
NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text.encode("ascii", "ignore").decode()).isprintable()


def test_what_is_shown_of_a_hostile_name() -> None:
    assert visible(HOSTILE) == (
        r"a\x1b]0;owned\x07\x1b[31m\u202egpj\u2066\x9b2J\r\n\u2028\x7f\u200bz"
    )  # fmt: skip
    assert visible("Łukasz 名前 é") == "Łukasz 名前 é"
    assert encodable("a → é…", "ascii") == r"a -> \xe9..."
    assert encodable("a → é…", "latin-1") == "a -> é..."


@settings(max_examples=100)
@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=3), st.sampled_from(["utf-8", "ascii"]))
def test_json_says_the_same_and_is_harmless(data: dict[str, list[str]], encoding: str) -> None:
    shown = visible_json(orjson.dumps(data).decode(), encoding)
    shown.encode(encoding)
    assert orjson.loads(shown) == data
    assert not any(each in shown for each in "\x1b\x7f\x85\x9b\u200f\u202e\u2066\u2028\ufeff")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(rows: list[Any], columns: int, watched: bool, width: int = 80) -> str:
    file = Terminal() if watched else io.StringIO()
    console = SafeConsole(file=file, width=width, color_system=None, legacy_windows=False)
    listing = Listing(tuple(Column(f"column-{n}", lambda row, n=n: row[n]) for n in range(columns)), rows)  # type: ignore[misc]
    show(console, listing)
    return file.getvalue()


ROWS = st.integers(1, 6).flatmap(
    lambda count: st.lists(st.lists(st.text("ab:/-. ", max_size=60), min_size=count, max_size=count), min_size=1,
                           max_size=4)
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(10, 200), st.booleans())
def test_every_word_of_every_cell_is_there_whole(rows: list[list[str]], width: int, watched: bool) -> None:
    text = shown(rows, len(rows[0]), watched, width)
    found = text.split()
    for word in (word for row in rows for cell in row for word in cell.split()):
        assert word in found, text
    if not watched:
        assert len(text.splitlines()) == len(rows) + 1


def test_what_does_not_fit_becomes_records() -> None:
    arn = "arn:aws:iam::111122223333:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
    text = shown([[arn, "allowed"], [arn + "2", "allowed"]], 2, watched=True, width=60)
    assert f"column-0  {arn}\ncolumn-1  allowed\n\ncolumn-0  {arn}2\n" in text
    assert "┃" in shown([["user/ada", "allowed"]], 2, watched=True, width=60)


def test_hostile_names_keep_their_place_in_a_table() -> None:
    for watched in (True, False):
        text = shown([[HOSTILE, "x"]], 2, watched, width=200)
        assert visible(HOSTILE) in text and "\x1b" not in text and "\u202e" not in text
    assert "[red]x[/]:key:" in shown([["[red]x[/]:key:", "y"]], 2, watched=True)


def test_csv_is_no_formula_and_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", 'plain, "quoted"', "two\nlines", "－1"]
    listing = Listing((Column("name", lambda row: row), Column("more", lambda row: "m", usual=False)), cells)
    show(SafeConsole(), listing, Form(as_csv=True))
    head, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head == ["name", "more"]
    assert [row[0] for row in rows] == [
        "'=cmd|'/C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "' =1", "plain, \"quoted\"", "two\\nlines", "'－1",
    ]  # fmt: skip


def test_columns_are_chosen_by_name() -> None:
    listing = Listing((Column("a", str), Column("user-agent", str, usual=False)), [])
    assert [each.name for each in listing.chosen("")] == ["a"]
    assert [each.name for each in listing.chosen("User_Agent, a")] == ["user-agent", "a"]
    assert [each.name for each in listing.chosen("all")] == ["a", "user-agent"]
    with pytest.raises(Problem, match="there is no column b; there are: a, user-agent"):
        listing.chosen("a,b")
