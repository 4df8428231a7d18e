"""All reports, by name: the command line and HTTP list them from here."""

from __future__ import annotations

from erstwhile.domain.reports import (
    attestation,
    changes,
    controls,
    coverage,
    credential_ages,
    credential_report,
    entitlement_review,
    exposure,
    leavers,
    privileged_access,
    root_use,
    separation_of_duties,
)
from erstwhile.domain.reports.kind import ReportKind, by_name

REPORTS: dict[str, ReportKind] = by_name(
    (
        entitlement_review.KIND,
        privileged_access.KIND,
        changes.KIND,
        credential_ages.DORMANT,
        credential_ages.MFA,
        credential_ages.KEY_AGE,
        root_use.KIND,
        credential_report.KIND,
        exposure.KIND,
        coverage.KIND,
        attestation.KIND,
        controls.KIND,
        separation_of_duties.KIND,
        leavers.KIND,
    )
)
