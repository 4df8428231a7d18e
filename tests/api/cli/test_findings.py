"""Findings on the command line: in every form, after an import, and of the real records of an attack run."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.database.database import Database
from tests.support.databases import Server
from tests.support.demonstration import DEMO
from tests.support.ocsf import validate
from tests.support.program import erstwhile

DAY = ("--from", "2026-03-03 08:00", "--to", "2026-03-04")
TRAIL = tuple(str(DEMO / f"cloudtrail-{number}.json") for number in (1, 2))


def lines(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in text.splitlines()]


def test_findings_in_every_form(story: Database) -> None:
    table = erstwhile(story, "findings", *DAY).stdout
    assert "became an administrator" in table and "iam:CreatePolicyVersion" in table
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, "findings", *DAY, "--csv").stdout)))
    whole = orjson.loads(erstwhile(story, "findings", *DAY, "--json").stdout)
    assert [row["id"] for row in rows] == [each["id"] for each in whole["findings"]] and len(rows) == 4
    head, *some, tail = lines(erstwhile(story, "findings", *DAY, "-o", "ndjson").stdout)
    assert (head["line"], tail["line"], [each["id"] for each in some]) == ("head", "tail", [row["id"] for row in rows])
    for given in (("-o", "xml"), ("-o", "ocsf", "--json"), ("--change-hours", "8-18"), ("--account", "1")):
        found = erstwhile(story, "findings", *DAY, *given)
        assert found.returncode in (1, 2) and "Traceback" not in found.stderr and not found.stdout, given


def test_findings_are_valid_events_of_ocsf(story: Database) -> None:
    whole = orjson.loads(erstwhile(story, "findings", *DAY, "--json").stdout)["findings"]
    events = lines(erstwhile(story, "findings", *DAY, "-o", "ocsf").stdout)
    assert [each["finding_info"]["uid"] for each in events] == [each["id"] for each in whole]
    for event, finding in zip(events, whole, strict=True):
        validate(event)
        assert event["finding_info"]["title"] == finding["title"] and event["metadata"]["product"]["vendor_name"]
        assert event["cloud"]["account"]["uid"] == "111122223333"
        assert [each["uid"] for each in event["resources"]] == [finding["subject"]]
    assert [(each["class_uid"], each["metadata"]["version"]) for each in events] == [
        (2004, "1.3.0"), (2008, "1.6.0"), (2008, "1.6.0"), (2004, "1.3.0"),
    ]  # fmt: skip
    [evidence] = events[0]["evidences"]
    assert evidence["src_endpoint"] == {"ip": "203.0.113.66"} and evidence["actor"]["user"]["uid"]
    assert events[1]["permission_analysis_results"] == [{"granted_privileges": ["*"]}]
    assert (events[1]["api"]["operation"], events[1]["api"]["service"]["name"]) == ("CreatePolicyVersion", "iam")
    assert events[0]["time"] == 1772546531000


def test_an_import_tells_findings_when_asked_and_only_of_what_it_brought(embedded_server: Server) -> None:
    quiet, telling = embedded_server.fresh(), embedded_server.fresh()
    assert "administrator" not in erstwhile(quiet, "import", "cloudtrail", *TRAIL).stdout
    first = orjson.loads(erstwhile(telling, "import", "cloudtrail", TRAIL[0], "--findings", "--json").stdout)
    second = orjson.loads(erstwhile(telling, "import", "cloudtrail", *TRAIL, "--findings", "--json").stdout)
    ids = [{each["id"] for each in summary["to_look_at"]} for summary in (first, second)]
    asked = orjson.loads(erstwhile(telling, "findings", *DAY, "--json").stdout)["findings"]
    # The second file has an earlier use of the key from the same network: it is the same finding.
    assert ids[0] & ids[1] == {each["id"] for each in asked if each["kind"] == "key-from-new-network"}
    assert ids[0] - ids[1] and ids[1] - ids[0]
    assert ids[0] | ids[1] == {each["id"] for each in asked}
    known = erstwhile(quiet, "import", "cloudtrail", *TRAIL, "--findings").stdout
    assert "findings from" not in known
    again = erstwhile(telling, "import", "cloudtrail", *TRAIL, "--findings")
    assert again.returncode == 0 and "findings from" not in again.stdout
    refused = erstwhile(telling, "import", "cloudtrail", *TRAIL, "--findings", "--csv")
    assert refused.returncode == 2 and "one table" in refused.stderr
    for database in (quiet, telling):
        embedded_server.drop(database)


def test_the_real_records_of_an_attack_run(embedded_server: Server, shared: Path) -> None:
    database = embedded_server.fresh()
    assert erstwhile(database, "import", "cloudtrail", str(shared / "cloudtrail")).returncode == 0
    asked = ("findings", "--from", "2023-07-10 11:40", "--to", "2023-07-10 13:00", "--json")
    found = orjson.loads(erstwhile(database, *asked).stdout)["findings"]
    embedded_server.drop(database)
    of = {
        kind: [(each["at"][11:19], each["subject"].rpartition(":")[2]) for each in found if each["kind"] == kind]
        for kind in ("administrator-outside-change-hours", "unknown-account-let-in", "public-exposure")
    }
    assert of["administrator-outside-change-hours"] == [
        ("12:24:10", "role/stratus-red-team-backdoor-r-role"), ("12:24:49", "user/malicious-iam-user"),
    ]  # fmt: skip
    assert of["unknown-account-let-in"] == [
        ("12:22:41", "stratus-red-team-bdbp-lhfzvgcamn"), ("12:24:11", "role/stratus-red-team-backdoor-r-role"),
    ]  # fmt: skip
    assert of["public-exposure"] == [("12:25:40", "stratus-red-team-backdoor-f-func")]
    watch = [each for each in found if each["kind"] == "watch-tampered-with"]
    assert [each["subject"] for each in watch if each["severity"] == "high"] == [
        "ec2:DeleteFlowLogs", "logs:DeleteLogGroup", "cloudtrail:DeleteTrail", "cloudtrail:DeleteTrail",
    ]  # fmt: skip
    assert {each["subject"] for each in watch if each["severity"] == "low"} == {
        "cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "organizations:LeaveOrganization",
    }  # fmt: skip
    assert len({each["id"] for each in found}) == len(found)
