"""Tables that spreadsheets write and read: no cell becomes a formula, and what is wrong with a file is said."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.support.spreadsheets import MalformedTable, csv_text, neutral, plain, read_csv

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@\t' ＝"), max_size=8)


@settings(max_examples=60)
@given(st.lists(st.tuples(cells, cells), max_size=4))
def test_cells_come_back_as_they_were_and_none_is_a_formula(rows: list[tuple[str, str]]) -> None:
    text = csv_text(("a", "b"), rows)
    for row in list(csv.reader(io.StringIO(text, newline="")))[1:]:
        assert not any(cell.lstrip().startswith(tuple("=+-@＝＋－＠")) for cell in row)
    back = [(row["a"], row["b"]) for _, row in read_csv(text.encode(), ("a",))]
    told = [(plain(neutral(a).strip()), plain(neutral(b).strip())) for a, b in rows if a.strip() or b.strip()]
    assert back == told


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"a\n1,2\n", "line 2: 2 cells, and 1 columns"),
        (b"b\n1\n", "the column a is missing; the first row has b"),
        ("a\nÄ\n".encode("latin-1"), "is not in UTF-8 .byte 2 is 0xc4.: save it as CSV UTF-8"),
        (b'a\n"x', "line 2: "),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, words: str) -> None:
    with pytest.raises(MalformedTable, match=words):
        list(read_csv(data, ("a",)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(encoding: str, delimiter: str) -> None:
    data = f"Ticket{delimiter}Approved by\r\nOPS-1{delimiter}'=ä\r\n{delimiter}\r\n".encode(encoding)
    assert list(read_csv(data, ("ticket", "approved_by"))) == [(2, {"ticket": "OPS-1", "approved_by": "=ä"})]
