"""All reports, by name: the command line and HTTP list them from here."""

from __future__ import annotations

from erstwhile.domain.reports.kind import ReportKind, by_name

REPORTS: dict[str, ReportKind] = by_name(())
