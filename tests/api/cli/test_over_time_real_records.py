"""The real records of an attack, on the command line: who was administrator, from when to when, to the second."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

ACCOUNT = "123837392027"
MALICIOUS = f"arn:aws:iam::{ACCOUNT}:user/malicious-iam-user"
BACKDOOR = f"arn:aws:iam::{ACCOUNT}:role/stratus-red-team-backdoor-r-role"
BERT_JAN = f"arn:aws:iam::{ACCOUNT}:user/bert-jan"
ASKED = ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/anybody", "--to", "2023-07-10 13:00")


def test_who_was_administrator(database: Database, shared: Path) -> None:
    found = erstwhile(database, "import", "cloudtrail", str(shared / "cloudtrail"))
    assert found.returncode == 0, found.stderr

    def timeline(principal: str) -> list[tuple[str, str]]:
        printed = erstwhile(database, "timeline", principal, *ASKED, "--output", "csv", "--columns", "from,decision,by")
        return [(each["from"][11:], each["decision"]) for each in csv.DictReader(io.StringIO(printed.stdout))]

    assert (
        timeline(MALICIOUS)
        == timeline("malicious-iam-user")
        == [
            ("11:42:18Z", "unknown principal"),
            ("12:24:49Z", "allow"),
            ("12:28:24Z", "unknown principal"),
        ]
    )
    assert timeline(BACKDOOR) == [
        ("11:42:18Z", "unknown principal"),
        ("12:24:07Z", "implicit deny"),
        ("12:24:10Z", "allow"),
        ("12:28:34Z", "implicit deny"),
        ("12:28:35Z", "unknown principal"),
    ]
    printed = erstwhile(database, "timeline", "malicious-iam-user", *ASKED, "--columns", "by").stdout
    assert f"iam:AttachUserPolicy by {BERT_JAN} from 192.168.10.20" in printed
    found = erstwhile(database, "find", "192.168.10.20")
    assert "erstwhile audit --activity --source-ip 192.168.10.20" in found.stdout and BERT_JAN in found.stdout
