"""What is known of the accounts, and what is not: the answer to "how do I know that the extract is complete?"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from erstwhile.domain.history.windows import within
from erstwhile.domain.reports.access_paths import paths_of
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import ReportKind
from erstwhile.domain.reports.principals import principals
from erstwhile.domain.reports.report import AccountCoverage, Column, Row, Section

ACCOUNTS = (
    Column("account", "Account"),
    Column("mode", "Mode"),
    Column("first_record", "First record", "instant"),
    Column("last_record", "Last record", "instant"),
    Column("records", "Records", "number"),
    Column("hours", "Hours of the window", "number"),
    Column("hours_without", "Hours without records", "number"),
    Column("complete", "Complete", "boolean"),
)
GAPS = (
    Column("account", "Account"),
    Column("from", "From", "instant"),
    Column("to", "To", "instant"),
    Column("hours", "Hours", "number"),
)
NOT_KNOWN = (
    Column("account", "Account"),
    Column("principal", "Principal"),
    Column("type", "Type"),
    Column("why", "Why"),
)


def coverage(asked: Asked, known: Known) -> Sequence[Section]:
    """Three sections: accounts, times without records, and whose access is not known at the end of the window."""
    assert asked.begin is not None, "the catalogue says that it is about a window"
    begin, end = asked.begin, asked.end
    of = [known.coverage[account] for account in asked.accounts]
    return [
        Section(
            name="accounts", title="Accounts", columns=ACCOUNTS, rows=[_account(each, begin, end) for each in of],
            notes=("an hour without records may be one in which nothing happened, or one whose file is missing",),
        ),
        Section(
            name="gaps", title="Times without records", columns=GAPS, empty="none",
            rows=[
                (each.account, since, until, _hours(since, until)) for each in of
                for since, until in within(((gap.begin, gap.end) for gap in each.gaps), begin, end)
            ],
        ),
        Section(
            name="not-known", title="Access that is not known", columns=NOT_KNOWN, rows=_not_known(asked, known),
            empty="nothing is known to be missing",
        ),
    ]  # fmt: skip


def _account(each: AccountCoverage, begin: datetime, end: datetime) -> Row:
    gaps = within(((gap.begin, gap.end) for gap in each.gaps), begin, end)
    missing = round(sum(_hours(since, until) for since, until in gaps), 2)
    complete = True if each.mode == "governed" else not gaps and each.first_record is not None
    return (each.account, each.mode, each.first_record, each.last_record, each.records, _hours(begin, end), missing,
            complete)  # fmt: skip


def _hours(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() / 3600, 2)


def _not_known(asked: Asked, known: Known) -> Iterator[Row]:
    for entity in principals(known, asked.accounts):
        why = dict.fromkeys(each.unknown for each in paths_of(known.directory, entity) if each.unknown)
        for each in why:
            yield entity.account, known.directory.arn_of(entity), entity.kind, each


KIND = ReportKind(
    name="coverage",
    title="Coverage",
    question="What is known of each account, which hours have no records, and whose access is not known?",
    about="window",
    make=coverage,
    needs_records=False,
    controls=("SOC 2 CC7.2", "ISO 27001 A.8.15", "PCI DSS 10.2", "NIST 800-53 AU-12"),
)
