"""Reports as OSCAL and OCSF, read by validators of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from trestle.oscal.assessment_results import Model as AssessmentResults

from erstwhile.api.database.database import Database
from erstwhile.api.reports.as_oscal import one_line, token
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.reports.catalogue import REPORTS
from tests.support.ocsf import validate
from tests.support.reports import made, reading, words, written


@pytest.fixture(scope="module")
def runtime(told: Database) -> Iterator[ReadingRuntime]:
    with reading(told) as found:
        yield found


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_valid_in_both(runtime: ReadingRuntime, name: str) -> None:
    with made(runtime, name, words(name)) as report:
        oscal = written(report, "oscal")
        AssessmentResults.model_validate_json(oscal)
        result = orjson.loads(oscal)["assessment-results"]["results"][0]
        assert len(result.get("observations", ())) == report.rows_in_all
        ids = {each["uuid"] for each in result.get("observations", ())}
        assert len(ids) == report.rows_in_all
        for each in result.get("findings", ()):
            assert {one["observation-uuid"] for one in each.get("related-observations", ())} <= ids
        events = [orjson.loads(line) for line in written(report, "ocsf").splitlines()]
        assert events or not report.rows_in_all
        for event in events:
            if event["class_uid"] == 2003:
                ComplianceFinding.model_validate(event, strict=False)
            else:
                validate(event)
        assert written(report, "oscal") == oscal


def test_satisfied_is_what_held_and_is_known_as_a_whole(runtime: ReadingRuntime) -> None:
    with made(runtime, "controls", words("controls")) as report:
        [result] = orjson.loads(written(report, "oscal"))["assessment-results"]["results"]
        events = [orjson.loads(line) for line in written(report, "ocsf").splitlines()]
    status: dict[str, Any] = {each["target"]["target-id"]: each["target"]["status"] for each in result["findings"]}
    assert {each["state"] for each in status.values()} == {"not-satisfied"}  # half an hour is without records
    assert status["cis-aws_2.10"]["reason"] == "fail" and status["cis-aws_2.20"]["reason"] == "other"
    assert status["cis-aws_2.2"]["remarks"].startswith("not computable here")
    of = {each["compliance"]["control"]: each["compliance"]["status_id"] for each in events}
    assert (of["cis-aws/2.10"], of["cis-aws/2.20"], of["cis-aws/2.8"], of["cis-aws/2.2"]) == (3, 2, 0, 99)


def test_names_and_values_are_what_oscal_takes() -> None:
    assert (token("cis-aws/2.10"), token("AC-2(7)"), token("7.2")) == ("cis-aws_2.10", "AC-2-7-", "_7.2")
    assert (one_line(" a\n b "), one_line(" ")) == ("a b", "none")
