"""A report as assessment results of the Open Security Controls Assessment Language, version 1.2.

Each row is an observation; each verdict about a control is a finding, whose observations are its evidence. A status is
`satisfied` or `not-satisfied`, and satisfied is what held in every state of a period of which all is known: what is not
known is said in the reason. UUIDs follow from the content hash, so that a second export is equal byte for byte.

Source: https://pages.nist.gov/OSCAL/learn/concepts/layer/assessment/assessment-results/
"""

from __future__ import annotations

import re
import uuid
from typing import IO, Any

from erstwhile.api.reports.cells import text_of
from erstwhile.api.reports.spool import Spooled, SpooledSection
from erstwhile.api.reports.stamp import stamp_of
from erstwhile.api.reports.verdicts import Verdict, verdicts_of
from erstwhile.domain.reports.report import canonical
from erstwhile.domain.vocabulary.instants import format_instant

VERSION = "1.2.0"
NAMESPACE = "https://erstwhile.invalid/ns/oscal"
"""Of properties that are ours."""
_LINES = re.compile(r"\s+")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_REASONS = {"held": "pass", "broken": "fail"}


def write_oscal(report: Spooled, file: IO[bytes]) -> None:
    """Memory does not grow with the rows."""
    made = _Made(report)
    header = report.header
    at = format_instant(stamp_of(header))
    file.write(b'{"assessment-results":{"back-matter":' + canonical({"resources": [made.no_plan]}))
    file.write(b',"import-ap":' + canonical({"href": f"#{made.no_plan['uuid']}"}))
    file.write(b',"metadata":' + canonical({
        "title": one_line(header.title), "last-modified": at, "version": report.content_hash, "oscal-version": VERSION,
    }))  # fmt: skip
    file.write(b',"uuid":' + canonical(made.uuid("assessment-results")) + b',"results":[')
    result = canonical(made.result(at))
    file.write(result[:-1])
    if report.rows_in_all:
        file.write(b',"observations":[')
        for number, observation in enumerate(made.observations(at)):
            file.write((b"," if number else b"") + canonical(observation))
        file.write(b"]")
    file.write(b"}]}}\n")


def one_line(text: str) -> str:
    """A text as OSCAL takes it: one line, and not empty."""
    return _LINES.sub(" ", text).strip() or "none"


def token(text: str) -> str:
    """A text as an NCName: the name of a control (`cis-aws/2.10`) is `cis-aws_2.10`."""
    found = _NO_NAME.sub("-", text.replace("/", "_"))
    return found if found[:1].isalpha() or found[:1] == "_" else f"_{found}"


class _Made:
    def __init__(self, report: Spooled) -> None:
        self._report = report
        self._verdicts = verdicts_of(report)
        self.no_plan = {
            "uuid": self.uuid("no-plan"), "title": "No assessment plan",
            "description": "These results follow from the question in the result's properties: there is no plan.",
        }  # fmt: skip

    def uuid(self, *path: object) -> str:
        """That of a part, by its place."""
        return str(
            uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("urn:erstwhile", self._report.content_hash, *map(str, path))))
        )

    def result(self, at: str) -> dict[str, Any]:
        header = self._report.header
        begin = header.begin or header.as_of or stamp_of(header)
        selections: dict[str, Any] = {"include-all": {}}
        if self._verdicts:
            names = dict.fromkeys(token(each.control) for each in self._verdicts)
            selections = {"include-controls": [{"control-id": name} for name in names]}
        found: dict[str, Any] = {
            "uuid": self.uuid("result"), "title": one_line(header.title), "description": one_line(header.question),
            "start": format_instant(begin), "props": list(self._properties()),
            "reviewed-controls": {"control-selections": [selections]},
        }  # fmt: skip
        if header.end is not None:
            found["end"] = format_instant(header.end)
        if header.notes:
            found["remarks"] = "\n".join(map(one_line, header.notes))
        if self._verdicts:
            found["findings"] = [self._finding(number, each) for number, each in enumerate(self._verdicts)]
        return found

    def _properties(self) -> list[dict[str, str]]:
        header = self._report.header
        told = {
            "content-hash": self._report.content_hash, "position": str(header.position), "report": header.report,
            "engine-version": header.engine_version, "data-version": header.data_version,
            "accounts": ", ".join(header.accounts),
            "gaps": "; ".join(
                f"{each.account} from {format_instant(gap.begin)} to {format_instant(gap.end)}"
                for each in header.coverage for gap in each.gaps
            ),
        }  # fmt: skip
        if header.known_at is not None:
            told["known-at"] = format_instant(header.known_at)
        return [_property(name, text) for name, text in told.items() if text]

    def _finding(self, number: int, verdict: Verdict) -> dict[str, Any]:
        state = "satisfied" if verdict.is_satisfied else "not-satisfied"
        status = {"state": state, "reason": _REASONS.get(verdict.verdict, "other"), "remarks": one_line(verdict.words)}
        found: dict[str, Any] = {
            "uuid": self.uuid("finding", number), "title": one_line(f"{verdict.control}: {verdict.title}"),
            "description": one_line(verdict.words or verdict.title),
            "target": {"type": "objective-id", "target-id": token(verdict.control), "status": status},
        }  # fmt: skip
        section = next(each for each in self._report.sections if each.name == verdict.section)
        rows = range(section.count) if verdict.row is None else (verdict.row,)
        if rows:
            found["related-observations"] = [
                {"observation-uuid": self.uuid("observation", section.name, row)} for row in rows
            ]
        return found

    def observations(self, at: str) -> Any:
        """One a row."""
        for section in self._report.sections:
            for number, row in enumerate(self._report.rows(section)):
                yield self._observation(section, number, row, at)

    def _observation(self, section: SpooledSection, number: int, row: list[Any], at: str) -> dict[str, Any]:
        cells = [
            (column, one_line(text))
            for column, cell in zip(section.columns, row, strict=True)
            if (text := text_of(cell, column.kind))
        ]
        found: dict[str, Any] = {
            "uuid": self.uuid("observation", section.name, number), "title": one_line(section.title),
            "description": "; ".join(f"{column.heading}: {text}" for column, text in cells) or "none",
            "methods": ["EXAMINE"], "collected": at,
        }  # fmt: skip
        if cells:
            found["props"] = [_property(column.name, text) for column, text in cells]
        return found


def _property(name: str, text: str) -> dict[str, str]:
    return {"name": token(name), "ns": NAMESPACE, "value": one_line(text)}
