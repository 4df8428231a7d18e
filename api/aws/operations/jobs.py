"""Reports that one call generates and another call fetches by a job id."""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.api.aws.access.call import Call, Connect, Result
from erstwhile.api.aws.reports import report_store
from erstwhile.domain.vocabulary.refusals import NoSuchEntity


def report_of(call: Call, kind: str) -> Callable[[Connect], report_store.Report]:
    """Returns a function that reads the report of the call's JobId. The function raises NoSuchEntity for a job that
    does not exist or has expired."""

    def do(connect: Connect) -> report_store.Report:
        with connect() as connection:
            report = report_store.get(connection, call.given["JobId"], call.account, kind)
        if report is None or call.now - report.created_at > report_store.JOBS_LAST:
            raise NoSuchEntity(f"Job with id {call.given['JobId']} cannot be found.")
        return report

    return do


def status_of(report: report_store.Report) -> Result:
    """The members that describe the job. The generating call makes the report, so each job is complete."""
    return {
        "JobStatus": "COMPLETED", "JobCreationDate": report.created_at, "JobCompletionDate": report.created_at,
    }  # fmt: skip
