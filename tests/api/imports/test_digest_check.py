"""Imports that are held against CloudTrail's own digest files, on the command line."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from tests.support.digests import Chain
from tests.support.program import erstwhile
from tests.support.records import ACCOUNT


def log_file(number: int) -> tuple[str, bytes]:
    root = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    record = {
        "eventVersion": "1.11", "eventID": f"00000000-0000-4000-8000-00000000000{number}",
        "recipientAccountId": ACCOUNT, "userIdentity": root,
        "eventTime": f"2026-03-03T0{number}:05:00Z", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
        "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.9", "userAgent": "x", "requestParameters": None,
    }  # fmt: skip
    return f"{ACCOUNT}_CloudTrail_us-east-1_20260303T0{number}05Z_{number}.json.gz", orjson.dumps({"Records": [record]})


def test_each_record_says_whether_its_file_is_what_was_delivered(database: Database, tmp_path: Path) -> None:
    logs = [log_file(number) for number in range(6)]
    chain = Chain()
    for log in logs[:5]:
        chain.add([log])
    folder = tmp_path / "trail"
    chain.write(folder)
    for number, (name, content) in enumerate(logs):
        altered = content.replace(b"203.0.113.9", b"203.0.113.8") if number == 1 else content
        data = gzip.compress(altered) + (gzip.compress(b"more") if number == 2 else b"")
        if number != 3:
            (folder / name).write_bytes(data)
    keys = tmp_path / "keys.json"
    keys.write_bytes(chain.public_keys())

    done = erstwhile(database, "import", "cloudtrail", str(folder), "--digest-keys", str(keys), "--json")
    told = orjson.loads(done.stdout)["digests"]
    assert done.returncode == 1
    assert (told["digests"], told["log_files"]) == (
        5, {"verified": 1, "altered": 1, "appended to": 1, "not signed here": 1, "in no digest": 1},
    )  # fmt: skip
    assert [(each["kind"], each["object"].rpartition("/")[2]) for each in told["findings"]] == [
        ("log file altered", logs[1][0]), ("log file appended to", logs[2][0]), ("log file missing", logs[3][0]),
    ]  # fmt: skip

    def verdict(number: int) -> str:
        found = erstwhile(database, "evidence", f"{ACCOUNT}/00000000-0000-4000-8000-00000000000{number}")
        assert found.returncode == 0, found.stderr
        return found.stderr

    by = chain.digests[0]["digestS3Object"]
    assert verdict(0) == f"its file is verified by {by}\n"
    assert verdict(1).startswith("its file is altered by ")
    assert verdict(5) == "its file is in no digest\n"

    chain.add([])
    chain.write(folder)
    done = erstwhile(database, "import", "cloudtrail", str(folder), "--digest-keys", str(keys))
    assert "6 digests; log files: 1 altered, 1 appended to, 1 in no digest, 2 verified" in done.stdout
    assert "its file is verified by " in verdict(4), "a later digest has signed for it"


def test_keys_that_are_none_refuse_the_import(database: Database, tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(log_file(1)[1])
    (tmp_path / "keys.txt").write_text("{}")
    done = erstwhile(
        database, "import", "cloudtrail", str(tmp_path / "log.json"), "--digest-keys", str(tmp_path / "keys.txt")
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "expected what `aws cloudtrail list-public-keys" in done.stderr
    done = erstwhile(
        database, "import", "cloudtrail", str(tmp_path / "log.json"), "--digest-keys", str(tmp_path / "absent")
    )
    assert done.stderr == f"error: {tmp_path}/absent: No such file or directory\n"
