"""What an account's root user did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import ReportKind
from erstwhile.domain.reports.principals import exception_of
from erstwhile.domain.reports.report import Column, Row, Section

COLUMNS = (
    Column("at", "At", "instant"),
    Column("account", "Account"),
    Column("action", "Action"),
    Column("access_key", "Access key"),
    Column("source_ip", "From"),
    Column("user_agent", "By"),
    Column("outcome", "Outcome"),
    Column("evidence", "Record"),
    Column("exception", "Exception"),
)


def root_use(asked: Asked, known: Known) -> Sequence[Section]:
    """The calls of the root users in the window, those that failed too."""
    return [Section(
        name="calls", title="Calls of root users", columns=COLUMNS, rows=_rows(asked, known),
        empty="no call of a root user is on record",
    )]  # fmt: skip


def _rows(asked: Asked, known: Known) -> Iterator[Row]:
    assert asked.begin is not None, "the catalogue says that it is about a window"
    for account in asked.accounts:
        arn = f"arn:{known.directory.partition(account)}:iam::{account}:root"
        for each in known.calls.by_root(account, arn, asked.begin, asked.end):
            yield (
                each.at, account, each.action, each.access_key, each.source_ip, each.user_agent,
                each.error_code or "success", f"{account}/{each.record_id}",
                exception_of(known, KIND.name, account, arn),
            )  # fmt: skip


KIND = ReportKind(
    name="root-use",
    title="Use of root users",
    question="What did the root users of the accounts do, from where, and with which key?",
    about="window",
    make=root_use,
    controls=("CIS AWS 2.6", "CIS AWS 5.3", "SOC 2 CC7.2", "PCI DSS 10.2.1.2", "NIST 800-53 AU-2"),
)
