"""The forms that a report is written in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from erstwhile.api.problems import bad_request
from erstwhile.api.reports.as_csv import csv_metadata, write_csv
from erstwhile.api.reports.as_json import write_json, write_ndjson
from erstwhile.api.reports.as_ocsf import write_ocsf
from erstwhile.api.reports.as_oscal import write_oscal
from erstwhile.api.reports.spool import Moved, Spooled, SpooledSection
from erstwhile.api.reports.to_file import Write, write_files

Writer = Callable[[Spooled, SpooledSection, IO[bytes], Moved], None]
"""Writes a report, or one section of it where the form has no place for several."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """`one_section`: whether the form has one section only. `is_text`: whether a terminal can show it."""

    name: str
    media_type: str
    write: Writer
    one_section: bool = False
    is_text: bool = True

    @property
    def suffix(self) -> str:
        return f".{self.name}"


def _csv(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    write_csv(report, section, file)


# The libraries of workbooks, PDF and pages take a while to load: a command that needs none of them does not wait.
def _xlsx(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    from erstwhile.api.reports.as_xlsx import write_xlsx

    write_xlsx(report, file, moved)


def _pdf(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    from erstwhile.api.reports.as_pdf import write_pdf

    write_pdf(report, file)


def _html(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    from erstwhile.api.reports.as_html import write_html

    write_html(report, file)


def _json(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    write_json(report, file)


def _ndjson(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    write_ndjson(report, file)


def _oscal(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    write_oscal(report, file)


def _ocsf(report: Spooled, section: SpooledSection, file: IO[bytes], moved: Moved) -> None:
    write_ocsf(report, file)


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: dict[str, Form] = {
    each.name: each
    for each in (
        Form(name="csv", media_type="text/csv; charset=utf-8", write=_csv, one_section=True),
        Form(name="xlsx", media_type=_EXCEL, write=_xlsx, is_text=False),
        Form(name="pdf", media_type="application/pdf", write=_pdf, is_text=False),
        Form(name="html", media_type="text/html; charset=utf-8", write=_html),
        Form(name="json", media_type="application/json", write=_json),
        Form(name="ndjson", media_type="application/x-ndjson", write=_ndjson),
        Form(name="oscal", media_type="application/oscal+json", write=_oscal),
        Form(name="ocsf", media_type="application/x-ndjson", write=_ocsf),
    )
}


def form_named(name: str) -> Form:
    """Raises Problem 400 for a form that there is not."""
    found = FORMS.get(name.strip().lower())
    if found is None:
        raise bad_request("unknown_output", f"there is no form {name!r}; there are: {', '.join(FORMS)}")
    return found


def section_named(report: Spooled, name: str) -> SpooledSection:
    """The section of a name; the first where none is given. Raises Problem 400."""
    for each in report.sections:
        if not name or each.name == name.replace("_", "-"):
            return each
    listed = ", ".join(each.name for each in report.sections)
    raise bad_request("unknown_section", f"there is no section {name!r}; there are: {listed}")


def write_to(path: Path, report: Spooled, form: Form, section: str, moved: Moved) -> list[Path]:
    """Writes a file, and for CSV one beside it that has the header. Raises OSError, Problem; then nothing is there that
    was not before."""
    chosen = section_named(report, section)
    files: dict[Path, Write] = {path: lambda file: form.write(report, chosen, file, moved)}
    if form.name == "csv":
        # https://www.w3.org/TR/tabular-data-model/#default-locations-and-site-wide-location-configuration
        beside = path.with_name(f"{path.name}-metadata.json")

        def header(file: IO[bytes]) -> None:
            file.write(csv_metadata(report, chosen, path.name))

        files[beside] = header
    write_files(files)
    return list(files)
