"""Files of reports are there whole or not at all."""

from __future__ import annotations

import io
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.reports.as_xlsx import write_xlsx
from erstwhile.api.reports.forms import FORMS, write_to
from erstwhile.api.reports.spool import Spooled, spooled
from erstwhile.api.reports.to_file import write_files
from erstwhile.domain.reports.report import Cell, Column, Header, Report, Section
from tests.support.program import erstwhile
from tests.support.report_stories import AS_OF

ROOM = 4 * 1024
"""Bytes that a file may have: as on a disk that is full then."""


def _nothing(done: int, total: int) -> None:
    """Nobody watches."""


def report(rows: int = 600) -> Spooled:
    columns = (Column("name", "Name"), Column("number", "Number", "number"), Column("names", "Names", "list"))
    lines: Iterator[tuple[Cell, ...]] = (
        (f"user {number * 7919 % 10_007}", number, ("a", "b")) for number in range(rows)
    )
    section = Section(name="names", title="Names", columns=columns, rows=lines)
    return spooled(Report(header=Header(report="names", title="Names", question="which?"), sections=[section]))


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may have more than ROOM bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("form", list(FORMS))
def test_a_full_disk_leaves_what_was_there_and_nothing_else(form: str, tmp_path: Path) -> None:
    made = report()
    path = tmp_path / f"names.{form}"
    path.write_bytes(b"as it was")
    try:
        with full_disk(), pytest.raises(OSError, match=r"File too large: .*names\."):
            write_to(path, made, FORMS[form], "", _nothing)
        assert [each.name for each in tmp_path.iterdir()] == [path.name]
        assert path.read_bytes() == b"as it was"
        written = write_to(path, made, FORMS[form], "", _nothing)
        assert sorted(tmp_path.iterdir()) == sorted(written)
        assert path.stat().st_size > ROOM
    finally:
        made.close()


def test_of_several_files_all_are_there_or_none(tmp_path: Path) -> None:
    def fails(file: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left on device: .*b"):
        write_files({tmp_path / "a": lambda file: None, tmp_path / "b": fails})
    assert not list(tmp_path.iterdir())


def test_csv_has_its_header_beside_it(told: Database, tmp_path: Path) -> None:
    path = tmp_path / "mfa.csv"
    found = erstwhile(told, "report", "mfa", "--as-of", AS_OF, "--file", str(path))
    assert found.returncode == 0, found.stderr
    beside = orjson.loads((tmp_path / "mfa.csv-metadata.json").read_bytes())
    assert beside["url"] == "mfa.csv"
    [note] = beside["notes"]
    assert note["header"]["as_of"] == AS_OF and note["content_hash"] in found.stdout
    assert [each["name"] for each in beside["tableSchema"]["columns"]] == path.read_text().splitlines()[0].split(",")


def test_bad_input_is_said_in_one_line(told: Database, tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("mine")
    for words, status, said in (
        (("mfa", "--days", "3"), 2, "mfa does not take '--days'; its options: --owner-tag owner"),
        (("key-age", "--days"), 2, "--days needs a value"),
        (("mfa", "--as-of", "2020-01-01"), 2, "nothing is known before 2026-03-03T08:00:00Z"),
        (("mfa", "--file", str(tmp_path / "there.csv")), 2, "is there already: --force replaces it"),
        (("mfa", "--file", str(tmp_path / "there.docx")), 2, "there is no form 'docx'; there are: csv, xlsx"),
        (("mfa", "--file", str(tmp_path / "nowhere" / "mfa.csv")), 1, "No such file or directory"),
    ):
        found = erstwhile(told, "report", *words)
        assert (found.returncode, found.stdout) == (status, ""), (words, found)
        assert said in found.stderr and "Traceback" not in found.stderr, (words, found.stderr)
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_no_text_becomes_anything_else_in_a_workbook() -> None:
    texts = [
        "<r></r></is></c><c r=\"Z9\"><f>1+1</f></c><r></r>", "_x0041_", " begins and ends with a space ", "a & b < c",
        "\u202eright to left", "x" * 40_000, "=1+1", "\t=1+1",
    ]  # fmt: skip
    section = Section(
        name="texts", title="Texts: all/of them?", columns=(Column("text", "Text"),), rows=[(each,) for each in texts]
    )
    made = spooled(Report(header=Header(report="texts", title="=T", question="@q"), sections=[section]))
    file = io.BytesIO()
    try:
        write_xlsx(made, file)
    finally:
        made.close()
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Header", "Texts allof them"]
    found = [row[0].value for row in book.worksheets[1].iter_rows(min_row=2)]
    # An escaped underscore, which spreadsheets turn back and this reader does not (ECMA-376, part 1, 22.9.2.19).
    assert found[1] == "_x005F_x0041_"
    found[1] = texts[1]
    assert found[:5] == [*texts[:4], "\\u202eright to left"]
    assert found[5].startswith("xxx") and found[5].endswith("(more: see the report as JSON)")
    assert found[6:] == ["'=1+1", "\\t=1+1"]
    assert not [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
