"""What a report decides about controls: reports of attestations do, and others are evidence alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from erstwhile.api.reports.spool import Spooled, SpooledSection


class Verdict(NamedTuple):
    """`verdict`: `held`, `held where known`, `broken`, `not attestable`; '' for a control that nothing here attests,
    which `words` say. `section`: whose rows are the evidence; `row`: the single row that is, where one alone is."""

    control: str
    title: str
    verdict: str
    words: str
    section: str
    row: int | None = None

    @property
    def is_satisfied(self) -> bool:
        """Held in every state of a period of which all is known. Nothing else is."""
        return self.verdict == "held"


def verdicts_of(report: Spooled) -> list[Verdict]:
    """Those of a report, in its order."""
    match report.header.report:
        case "attestation":
            return list(_attestation(report))
        case "controls":
            return [each for section in report.sections for each in _controls(report, section)]
        case "separation-of-duties":
            return [
                Verdict(told["rule"], told["demands"], told["verdict"], told["summary"], told["rule"])
                for told in _told(report, report.sections[0])
            ]
    return []


def _attestation(report: Spooled) -> Iterator[Verdict]:
    of = {each.name: each for each in report.sections}
    control = next(_told(report, of["control"]))
    hours = next(_told(report, of["hours"]))
    section = "breaks" if of["breaks"].count or not of["unknown"].count else "unknown"
    yield Verdict(control["control"], control["title"], hours["verdict"], hours["summary"], section)


def _controls(report: Spooled, section: SpooledSection) -> Iterator[Verdict]:
    for row, told in enumerate(list(_told(report, section))):
        words = [told["summary"], told["not_computable"]]
        if told["computable"] == "by reports":
            words.append(f"reports answer it: {', '.join(told['reports'])}")
        if told["computable"] == "no":
            words.insert(0, "not computable here")
        yield Verdict(
            told["control"],
            told["title"],
            told["verdict"],
            "; ".join(each for each in words if each),
            section.name,
            row,
        )


def _told(report: Spooled, section: SpooledSection) -> Iterator[dict[str, Any]]:
    names = [column.name for column in section.columns]
    return (dict(zip(names, row, strict=True)) for row in report.rows(section))
