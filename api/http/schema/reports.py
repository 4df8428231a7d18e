"""Reports, as JSON has them."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from erstwhile.api.http.schema.parameters import ACCOUNT_ID, TEXT, TIME, WINDOW, Parameter
from erstwhile.api.reports.forms import FORMS
from erstwhile.domain.reports.catalogue import REPORTS


class ReportOption(Struct):
    """An option of a report. `default`: what is taken where none is given."""

    name: str
    help: str
    default: str
    is_required: bool


class ReportListed(Struct, kw_only=True):
    """A report that can be asked for. `controls`: which controls of frameworks ask for it."""

    name: str
    title: str
    question: str
    about: Literal["instant", "window"]
    takes_resource: bool
    one_account: bool
    options: list[ReportOption]
    controls: list[str]


class ReportList(Struct):
    reports: list[ReportListed]


class ReportGap(Struct):
    """A time of which no record tells; -infinity and infinity where it has no end."""

    begin: str
    end: str


class ReportCoverage(Struct, kw_only=True):
    """What is known of an account."""

    account: str
    mode: str
    first_record: str | None
    last_record: str | None
    records: int
    gaps: list[ReportGap]


class ReportHeader(Struct, kw_only=True):
    """What a report was asked, and on what it rests. `as_of` of an instant, `begin` and `end` of a window; `position`:
    the log position that it reads; `known_at`: when that was recorded."""

    report: str
    title: str
    question: str
    parameters: dict[str, str]
    as_of: str | None
    begin: str | None
    end: str | None
    known_at: str | None
    position: int
    accounts: list[str]
    coverage: list[ReportCoverage]
    notes: list[str]
    engine_version: str
    data_version: str
    generated_by: str


class ReportColumn(Struct):
    name: str
    heading: str
    kind: Literal["text", "instant", "number", "boolean", "list"]


class ReportSection(Struct, kw_only=True):
    """A table: rows as objects by the columns' names. null: there is none, or nobody knows; of a boolean, unknown."""

    section: str
    title: str
    notes: list[str]
    columns: list[ReportColumn]
    rows: list[dict[str, Any]]


class ReportAnswer(Struct):
    """`content_hash`: the SHA-256 of the report as `format=ndjson`."""

    header: ReportHeader
    content_hash: str
    sections: list[ReportSection]


class ReportQuestion(Struct, kw_only=True, rename={"begin": "from", "end": "to"}, forbid_unknown_fields=True):
    """A question with options that are too long for an address: rules, or a list of leavers. `options`: by name, with
    the contents of files in their place."""

    format: str = "json"
    section: str = ""
    accounts: list[str] = []
    resource: str = ""
    as_of: str | None = None
    known_at: str | None = None
    begin: str | None = None
    end: str | None = None
    options: dict[str, str] = {}


OPTIONS = sorted({option.name for kind in REPORTS.values() for option in kind.options})
"""The options of all reports. A parameter has underscores where an option has hyphens."""
_HELP = {option.name: option.help for kind in REPORTS.values() for option in kind.options}
PARAMETERS = (
    Parameter("name", "Which report.", {"type": "string", "enum": list(REPORTS)}, True, "path"),
    Parameter("format", "The form; json when left out.", {"type": "string", "enum": list(FORMS)}),
    Parameter("section", "With csv: which section; the first when left out."),
    Parameter("account", "This account only; again for more.", {"type": "array", "items": ACCOUNT_ID, "maxItems": 100}),
    Parameter("resource", "An ARN, or s3://bucket/key.", TEXT | {"examples": ["arn:aws:s3:::payroll/march.csv"]}),
    *TIME,
    *WINDOW[:2],
    *(Parameter(name.replace("-", "_"), _HELP[name]) for name in OPTIONS),
)
