"""A report as events of the Open Cybersecurity Schema Framework, one a line of JSON: Compliance Findings (2003) for
verdicts about controls and for rows that are evidence, IAM Analysis Findings (2008) for rows that say what a principal
may do. Version 1.6.0.

Sources: https://schema.ocsf.io/1.6.0/classes/compliance_finding (required members: activity_id, category_uid,
class_uid, compliance, finding_info, metadata, severity_id, time, type_uid),
https://schema.ocsf.io/1.6.0/classes/iam_analysis_finding
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.spool import Spooled, SpooledSection
from erstwhile.api.reports.stamp import stamp_of
from erstwhile.api.reports.verdicts import Verdict, verdicts_of
from erstwhile.domain.reports.report import canonical

VERSION = "1.6.0"
_COMPLIANCE, _ANALYSIS = (2003, "Compliance Finding"), (2008, "IAM Analysis Finding")
_UNKNOWN, _PASS, _WARNING, _FAIL, _OTHER = 0, 1, 2, 3, 99
"""Status of a compliance check: a warning is one that did not yield a result, because something is missing."""
_STATUS = {
    "held": (_PASS, "Pass"), "broken": (_FAIL, "Fail"), "held where known": (_WARNING, "Warning"),
    "not attestable": (_UNKNOWN, "Unknown"), "": (_OTHER, "Other"),
}  # fmt: skip
_SEVERITY = {_PASS: (1, "Informational"), _FAIL: (4, "High"), _WARNING: (2, "Low")}
_INFORMATIONAL = (1, "Informational")


def write_ocsf(report: Spooled, file: IO[bytes]) -> None:
    """Memory does not grow with the rows. `time` is when what the report reads was recorded: a second export is equal
    byte for byte."""
    verdicts = verdicts_of(report)
    events = map(_Events(report).of_verdict, verdicts) if verdicts else _Events(report).of_rows()
    for event in events:
        file.write(canonical(event) + b"\n")


class _Events:
    def __init__(self, report: Spooled) -> None:
        self._report = report
        self._time = round(stamp_of(report.header).timestamp() * 1000)

    def of_verdict(self, verdict: Verdict) -> dict[str, Any]:
        status, words = _STATUS[verdict.verdict]
        framework, parted, _ = verdict.control.partition("/")
        compliance: dict[str, Any] = {
            "control": verdict.control, "desc": verdict.title or verdict.control, "status_id": status, "status": words,
            "standards": [framework if parted else self._report.header.report],
        }  # fmt: skip
        event = self._event(_COMPLIANCE, verdict.control, f"{verdict.control}: {verdict.title}", verdict.words)
        severity, name = _SEVERITY.get(status, _INFORMATIONAL)
        return event | {"compliance": compliance, "severity_id": severity, "severity": name}

    def of_rows(self) -> Iterator[dict[str, Any]]:
        """One a row: what a principal may do, or evidence."""
        for section in self._report.sections:
            names = [column.name for column in section.columns]
            for number, row in enumerate(self._report.rows(section)):
                told = dict(zip(names, row, strict=True))
                words = "; ".join(
                    f"{column.heading}: {text}"
                    for column, cell in zip(section.columns, row, strict=True)
                    if (text := text_of(cell, column.kind))
                )
                yield self._of_row(section, number, told, words or "none")

    def _of_row(self, section: SpooledSection, number: int, told: dict[str, Any], words: str) -> dict[str, Any]:
        of = f"{section.name}/{number}"
        if told.get("principal") and told.get("actions") and told.get("effect", "Allow") == "Allow":
            event = self._event(_ANALYSIS, of, section.title, words)
            policy = {"policy": {"name": told["policy"]}} if told.get("policy") else {}
            return event | {
                "user": {"uid": told["principal"]},
                "permission_analysis_results": [{"granted_privileges": told["actions"], **policy}],
            }  # fmt: skip
        compliance = {"control": self._report.header.report, "desc": section.title, "status_id": _OTHER,
                      "status": "Evidence", "standards": [self._report.header.report]}  # fmt: skip
        return self._event(_COMPLIANCE, of, section.title, words) | {"compliance": compliance}

    def _event(self, of: tuple[int, str], place: str, title: str, words: str) -> dict[str, Any]:
        number, name = of
        header = self._report.header
        uid = f"{self._report.content_hash}/{place}"
        accounts = header.accounts
        account = accounts[0] if len(accounts) == 1 else ",".join(accounts)
        return {
            "activity_id": 1, "activity_name": "Create", "category_uid": 2, "category_name": "Findings",
            "class_uid": number, "class_name": name, "type_uid": number * 100 + 1, "type_name": f"{name}: Create",
            "time": self._time, "severity_id": _INFORMATIONAL[0], "severity": _INFORMATIONAL[1],
            "status": "New", "status_id": 1, "message": words or title,
            "metadata": {
                "version": VERSION, "uid": uid, "profiles": ["cloud"],
                "product": {"name": "Erstwhile", "vendor_name": "Erstwhile", "version": header.engine_version},
            },
            "cloud": {
                "provider": "AWS",
                "account": {"uid": account, "name": account, "type": "AWS Account", "type_id": 10},
            },
            "finding_info": {
                "uid": uid, "title": title, "desc": words or title, "types": [header.report],
                "created_time": self._time,
            },
        }  # fmt: skip
