"""The real records of an attack run: the incident of its key. Every line was checked by hand against the raw
records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.databases import Server
from tests.support.program import erstwhile

KEY = "AKIATFQR7NSC8Q4X20BJ"
DAY = "2023-07-10T"
ASKED = ("incident", KEY, "--to", "2023-07-10 13:00", "--as-of", "2023-07-10 13:00", "--json")


@pytest.fixture(scope="module")
def attack(embedded_server: Server, shared: Path) -> dict[str, Any]:
    """The sections of the report."""
    database: Database = embedded_server.fresh()
    found = erstwhile(database, "import", "cloudtrail", str(shared / "cloudtrail"))
    assert found.returncode == 0, found.stderr
    printed = erstwhile(database, *ASKED)
    assert printed.returncode == 0, printed.stderr
    embedded_server.drop(database)
    return {each["section"]: each for each in orjson.loads(printed.stdout)["sections"]}


def clock(text: str) -> str:
    return text.removeprefix(DAY).removesuffix("Z")


def _thing(line: dict[str, Any]) -> str:
    return str(line["item"] or line["of"].rpartition("/")[2])


def test_whose_the_key_is_and_what_it_made(attack: dict[str, Any]) -> None:
    whose = attack["whose"]
    assert whose["principal"] == "arn:aws:iam::123837392027:user/bert-jan" and whose["account"] == "123837392027"
    asked, *made = whose["credentials"]
    assert (asked["access_key"], asked["calls"], asked["refused"]) == (KEY, 2104, 224)
    assert (clock(asked["first_call"]), clock(asked["last_call"])) == ("11:54:33", "12:29:09")
    sessions = {each["access_key"]: each for each in made if each["kind"] == "session"}
    # Ten sessions were given out to the key; three to the machines that it started, by the service.
    assert {each["parent"] for each in sessions.values()} == {KEY} and len(sessions) == 13
    assert sorted(
        (clock(each["made"]["at"]), each["session"])
        for each in sessions.values()
        if each["made"]["action"] == "ec2:RunInstances"
    ) == [
        ("11:55:21", "i-0dbc91f429e48eeed"), ("11:55:21", "i-0dbc91f429e48eeed"), ("12:03:24", "i-05c30218156bcc246"),
    ]  # fmt: skip
    assert clock(sessions["ASIATFQR7NSCWLLE7IWW"]["expires_at"]) == "12:09:47"
    assert {each["access_key"] for each in made if each["kind"] == "access_key"} == {
        "AKIATFQR7NSC3ZO6PKAZ", "AKIATFQR7NSCQLA2F4OD",
    }  # fmt: skip
    principals = [each["principal"] for each in made if each["kind"] == "principal"]
    assert sum(":user/" in each for each in principals) == 4 and sum(":role/" in each for each in principals) == 13
    assert {each["source_ip"] for each in whose["places"] if each["access_key"] == KEY} == {"192.168.10.20"}


def test_the_calls_against_the_watch(attack: dict[str, Any]) -> None:
    lines = [
        (clock(each["act"]["at"]), each["act"]["action"], each["error_code"], each["is_own"])
        for each in attack["watch"]["tampering"]
    ]
    missing = "TrailNotFoundException"
    assert lines == [
        ("11:59:02", "cloudtrail:DeleteTrail", missing, False),
        ("12:00:08", "cloudtrail:PutEventSelectors", "", True),
        ("12:00:35", "s3:PutBucketLifecycle", "", True),
        ("12:00:42", "cloudtrail:StopLogging", missing, False),
        ("12:01:23", "cloudtrail:StopLogging", missing, False),
        ("12:01:27", "cloudtrail:StopLogging", missing, False),
        ("12:02:05", "organizations:LeaveOrganization", "AccessDenied", False),
        ("12:02:26", "ec2:DeleteFlowLogs", "", True),
        ("12:07:49", "cloudtrail:PutEventSelectors", "", True),
        ("12:08:00", "logs:DeleteLogGroup", "", True),
        ("12:08:04", "cloudtrail:DeleteTrail", "", True),
        ("12:08:04", "cloudtrail:DeleteTrail", "", True),
    ]
    targets = {each["act"]["action"]: each["target"] for each in attack["watch"]["tampering"][:8]}
    assert targets["cloudtrail:PutEventSelectors"] == "stratus-red-team-ctes-trail-qyxyekjbtk"
    assert targets["ec2:DeleteFlowLogs"] == "fl-064ed3a785e4a37ef"
    assert all(each["without_records_from"] is None for each in attack["watch"]["tampering"])


def test_nothing_is_left_standing(attack: dict[str, Any]) -> None:
    """The tools of the attack took back all that they had made."""
    lines = attack["persistence"]["lines"]
    assert attack["persistence"]["standing"] == 0 and len(lines) == 67
    assert {each["stands"] for each in lines} == {"ended", "replaced"}
    told = {
        (
            clock(each["act"]["at"]),
            each["what"],
            each["item"] or each["of"].rpartition("/")[2],
            clock(each["ended"]["at"]),
        )
        for each in lines
        if each["act"]["at"] >= "2023-07-10T12:11:00Z"
    }
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    role = "arn:aws:iam::123837392027:role/stratus-red-team-"
    function, bucket = "stratus-red-team-olc-func-xhfgzaowxc", "arn:aws:s3:::stratus-red-team-"
    assert told == {
        ("12:11:01", "shared image", "ami-0aa1d83d0b0985c86", "12:11:57"),
        ("12:11:28", "shared snapshot", "snap-083d3b857c13988bc", "12:11:57"),
        ("12:22:06", "shared database snapshot", "exfiltration", "12:28:24"),
        ("12:22:34", "resource", f"{bucket}bdbp-lhfzvgcamn", "12:28:37"),
        ("12:22:41", "resource policy", f"{bucket}bdbp-lhfzvgcamn", "12:28:24"),
        ("12:23:05", "user", "stratus-red-team-nmfalu-gfjyeaypjt", "12:28:34"),
        ("12:23:06", "password", "stratus-red-team-nmfalu-gfjyeaypjt", "12:28:33"),
        ("12:24:07", "role", "stratus-red-team-backdoor-r-role", "12:28:35"),
        ("12:24:10", "attached policy", administrator, "12:28:34"),
        ("12:24:11", "trust policy", "stratus-red-team-backdoor-r-role", "12:28:24"),
        ("12:24:28", "user", "stratus-red-team-backdoor-u-user", "12:28:35"),
        ("12:24:29", "access key", "AKIATFQR7NSC3ZO6PKAZ", "12:28:24"),
        ("12:24:49", "user", "malicious-iam-user", "12:28:24"),
        ("12:24:49", "attached policy", administrator, "12:28:24"),
        ("12:24:50", "access key", "AKIATFQR7NSCQLA2F4OD", "12:28:24"),
        ("12:25:03", "user", "stratus-red-team-login-profile-user", "12:28:35"),
        ("12:25:04", "password", "stratus-red-team-login-profile-user", "12:28:24"),
        ("12:25:24", "resource", f"{bucket}backdoor-f-bucket-ufamgrrnmw", "12:28:40"),
        ("12:25:24", "role", "stratus-red-team-backdoor-f-lambda", "12:28:41"),
        ("12:25:33", "resource that runs as a role", f"{role}backdoor-f-lambda", "12:28:39"),
        ("12:26:49", "resource that runs as a role", f"{role}olc-lambda-xhfgzaowxc", "12:28:38"),
        ("12:25:33", "function", "stratus-red-team-backdoor-f-func", "12:28:39"),
        ("12:25:40", "permission of a function", "backdoor", "12:28:24"),
        ("12:26:37", "resource", f"{bucket}olc-bucket-xhfgzaowxc", "12:28:38"),
        ("12:26:37", "role", "stratus-red-team-olc-lambda-xhfgzaowxc", "12:28:38"),
        ("12:26:49", "function", function, "12:28:38"),
        ("12:26:56", "code of a function", function, "12:28:38"),
        ("12:27:11", "role", "stratus-red-team-trust-anchor-role", "12:28:35"),
        ("12:27:13", "rolesanywhere profile", "ac4e09d1-a150-4924-bb76-23b00fa7c34a", "12:28:24"),
        ("12:27:13", "trust anchor", "49e25ec3-bdfe-4150-8683-b4ea4ee85cfd", "12:28:24"),
        ("12:28:24", "code of a function", function, "12:28:38"),
        ("12:28:24", "trust policy", "stratus-red-team-backdoor-r-role", "12:28:35"),
    }


def test_what_is_open(attack: dict[str, Any]) -> None:
    """The attacker's own key: no record tells that anybody closed it."""
    found = attack["revocation"]
    assert found["is_over"] == "unknown"
    assert [(each["name"], each["state"]) for each in found["credentials"] if each["state"] != "closed"] == [
        (KEY, "unknown")
    ]
    assert [each["command"] for each in attack["closing"]["commands"]] == [
        f"aws iam update-access-key --user-name bert-jan --access-key-id {KEY} --status Inactive"
    ]


def test_every_call_is_told_once(attack: dict[str, Any]) -> None:
    succeeded = sum(intent["calls"] for each in attack["did"]["sessions"] for intent in each["intents"])
    refused = sum(each["calls"] for each in attack["did"]["refused"])
    assert (succeeded + refused, sum(each["calls"] for each in attack["timeline"]["entries"])) == (2175, 2175)
    own = [each for each in attack["did"]["sessions"] if each["access_key"] == KEY]
    calls = {intent["intent"]: intent["calls"] for intent in own[0]["intents"]}
    assert calls["credential access"] == 147 and calls["lateral movement"] == 10 and calls["defence evasion"] == 7
    assert [each["account"] for each in attack["did"]["pivots"]] == []
