"""Reports that are asked for by one call and fetched by another, under a job's id."""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.api.aws.call import Call, Connect, Result
from erstwhile.api.aws.reports import report_store
from erstwhile.domain.vocabulary.refusals import NoSuchEntity


def report_of(call: Call, kind: str) -> Callable[[Connect], report_store.Report]:
    """Reads the report of the call's JobId. Raises NoSuchEntity for one that nobody asked for, or has expired."""

    def do(connect: Connect) -> report_store.Report:
        with connect() as connection:
            found = report_store.get(connection, call.given["JobId"], call.account, kind)
        if found is None or call.now - found.created_at > report_store.JOBS_LAST:
            raise NoSuchEntity(f"Job with id {call.given['JobId']} cannot be found.")
        return found

    return do


def status_of(report: report_store.Report) -> Result:
    """Reports are made by the call that asks for them, so they are complete at once."""
    return {
        "JobStatus": "COMPLETED", "JobCreationDate": report.created_at, "JobCompletionDate": report.created_at,
    }  # fmt: skip
