"""Terminals and pipes of every kind: nothing raw from others, nothing cut, no traceback."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.program import PROGRAM, environment, erstwhile, run
from tests.support.records import ACCOUNT, create_user, record, trail_file

HOSTILE = "a\x1b]0;owned\x07\x1b[31m\u202egpj\u2066\x9b2J\r\n\u2028\x7f\u200bz"
ROLE = {
    "type": "AssumedRole", "principalId": f"AROAX:{HOSTILE}", "accountId": ACCOUNT, "accessKeyId": "ASIAX",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/r/{HOSTILE}",
    "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": "AROAX", "accountId": ACCOUNT,
                                         "arn": f"arn:aws:iam::{ACCOUNT}:role/r", "userName": "r"}},
}  # fmt: skip
POLICY = orjson.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/x": HOSTILE}}}]}).decode()  # fmt: skip


def on_terminal(database: Database | None, width: int, *arguments: str, **more: str) -> str:
    """What a command writes on a terminal of so many columns, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    env = environment(database, **({"TERM": "xterm-256color"} | more))
    env.pop("COLUMNS")
    written: list[bytes] = []
    reading = threading.Thread(target=_read_all, args=(ours, written))
    reading.start()
    run(arguments, env, (theirs, theirs, theirs))
    os.close(theirs)
    reading.join(120)
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", b"".join(written).decode()).replace("\r\n", "\n")


def _read_all(descriptor: int, parts: list[bytes]) -> None:
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:  # the other end is closed
        pass


def harmless(text: str) -> bool:
    return all(each.isprintable() or each == "\n" for each in text)


@pytest.fixture
def hostile(database: Database, tmp_path: Path) -> Database:
    at = "2026-03-03T12:0{}:00Z"
    records = [
        create_user(HOSTILE, "AIDAH", at.format(0)),
        record("PutUserPolicy", {"userName": HOSTILE, "policyName": f"p{HOSTILE}", "policyDocument": POLICY},
               at=at.format(1), sourceIPAddress=HOSTILE, userAgent=HOSTILE, userIdentity=ROLE),
        record("CreateUser", {"userName": HOSTILE}, at=at.format(2), errorCode=HOSTILE, errorMessage=HOSTILE),
        record("Get" + HOSTILE, {"bucketName": HOSTILE}, at=at.format(3), service="s3", userIdentity=ROLE),
        record("TagUser", {"userName": HOSTILE, "tags": [{"key": HOSTILE, "value": HOSTILE}]}, at=at.format(4)),
    ]  # fmt: skip
    folder = tmp_path / "trail"
    folder.mkdir()
    (folder / "good\x1b[31m.json").write_bytes(trail_file(*records))
    (folder / "bad\x1b[31m\u202e.json").write_bytes(b"{")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.json")).write_bytes(
        trail_file(create_user("zoe", "AIDAZ", at.format(9)))
    )
    found = erstwhile(database, "import", "cloudtrail", str(folder))
    assert harmless(found.stdout) and harmless(found.stderr), (found.stdout, found.stderr)
    assert r"bad\x1b[31m\u202e.json is not JSON" in found.stderr and "2 files" in found.stdout
    return database


def test_no_command_hands_on_what_a_name_would_do_to_a_terminal(hostile: Database) -> None:
    who = ("who-can", "s3:GetObject", "arn:aws:s3:::b/x")
    for arguments in (
        who, (*who, "--json"), (*who, "--csv"), ("what-can", "AIDAH"), ("can", "AIDAH", *who[1:]), ("audit",),
        ("audit", "--json"), ("audit", "--csv"), ("audit", "--activity"), ("status",), ("what-can", HOSTILE + "x"),
        ("no" + HOSTILE,), (*who, HOSTILE), (*who, "--x" + HOSTILE), (*who, "--as-of", HOSTILE),
    ):  # fmt: skip
        found = erstwhile(hostile, *arguments)
        assert harmless(found.stdout) and harmless(found.stderr), arguments
        assert "Traceback" not in found.stderr and "fault of" not in found.stderr, found.stderr
    for arguments in (who, ("audit",)):
        assert harmless(on_terminal(hostile, 70, *arguments)), arguments
    assert r"user/a\x1b]0;owned\x07" in erstwhile(hostile, *who).stdout


@pytest.mark.parametrize("width", [40, 80, 250])
def test_a_narrow_terminal_shows_whole_names(story: Database, width: int) -> None:
    text = on_terminal(story, width, "who-can", *READ, "--as-of", "2026-03-03 14:30")
    assert "…" not in text
    for name in ("user/support-sync", "policy/AdministratorAccess", "2026-03-03T14:11:05Z", "(iam:AttachUserPolicy)"):
        assert name in text


def test_a_pipe_gets_one_whole_line_a_row(story: Database) -> None:
    for columns in ("20", "160"):
        found = erstwhile(story, "audit", COLUMNS=columns).stdout
        [line] = [line for line in found.splitlines() if "iam:AttachUserPolicy" in line]
        for part in ("2026-03-03T14:11:05Z", f"arn:aws:iam::{ACCOUNT}:user/build-bot", "203.0.113.66",
                     "arn:aws:iam::aws:policy/AdministratorAccess", "user/support-sync"):  # fmt: skip
            assert part in line, line


def test_the_trail_the_other_way_round_with_chosen_columns(story: Database) -> None:
    arguments = ("audit", "--action", "iam:", "--columns", "when,what,access-key", "--csv", "--limit", "4")
    newest = erstwhile(story, *arguments).stdout.splitlines()
    first = erstwhile(story, *arguments, "--reverse")
    assert newest[0] == "when,what,access-key"
    assert first.stdout.splitlines()[1].startswith("2026-03-03T14:0")
    cursor = first.stderr.split("--cursor ")[1].strip()
    second = erstwhile(story, *arguments, "--reverse", "--cursor", cursor).stdout.splitlines()
    rows = first.stdout.splitlines()[1:] + second[1:]
    assert [row.split(",")[0] for row in rows] == sorted(row.split(",")[0] for row in rows)
    assert len(set(rows)) == len(rows) == 8


def test_times_are_read_and_shown_in_a_zone(story: Database) -> None:
    found = erstwhile(story, "who-can", *READ, "--as-of", "2026-03-03 15:30", "--tz", "Europe/Berlin")
    assert "as of 2026-03-03T15:30:00+01:00" in found.stdout and "2026-03-03T15:11:05+01:00 by" in found.stdout
    assert "user/support-sync" in found.stdout
    data = orjson.loads(erstwhile(story, "who-can", *READ, "--as-of", "2026-03-03", "--json").stdout)
    assert data["as_of"] == "2026-03-03T00:00:00Z"
    attached = erstwhile(story, "audit", "--action", "iam:AttachUserPolicy", "--json").stdout
    position = orjson.loads(attached)["entries"][0]["position"]
    data = orjson.loads(erstwhile(story, "who-can", *READ, "--as-of", f"@{position}", "--json").stdout)
    assert data["as_of"] == "2026-03-03T14:11:05Z"


def test_a_terminal_without_utf_8(story: Database) -> None:
    poor = {"PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for arguments in (("who-can", *READ), ("audit",), ("status",), ("--help",), ("can", "grace", *READ), ("--nö",)):
        found = erstwhile(story, *arguments, **poor)
        assert "Traceback" not in found.stderr and "fault of" not in found.stderr, found.stderr
        assert found.stdout.isascii() and found.stderr.isascii(), arguments
    assert " -> " in erstwhile(story, "who-can", *READ, **poor).stdout
    assert "…" not in on_terminal(story, 60, "audit", **poor)


def test_outputs_that_end_early_or_are_full(story: Database) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [PROGRAM, "status"], env=environment(story), stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert (ended.returncode, ended.stderr) == (1, "error: No space left on device\n")
    ended = subprocess.run(
        ["bash", "-c", f"'{PROGRAM}' audit --limit 1000 --json | head -1"],
        env=environment(story), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == ("{\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "192.0.2.1"), "cannot listen on 192.0.2.1, port 0: Cannot assign requested address"),
        (("--host", "no.such.host.invalid"), "no such host"),
        (("--port", "70000"), "less than or equal to 65535"),
        (("--prot", "1"), "No such option: --prot"),
    ],
)
def test_an_address_that_cannot_be_bound(arguments: tuple[str, ...], words: str) -> None:
    found = erstwhile(None, "serve", "--ephemeral", "--port", "0", *arguments)
    assert found.returncode in (1, 2) and words in found.stderr and "Traceback" not in found.stderr, found.stderr


def test_words_that_are_no_text_are_refused_by_name(database: Database) -> None:
    for arguments in (("what-can", "ad\udcff"), ("audit", "--text", "\udcff"), ("evidence", "\udcff"), ("no\udcff",)):
        found = erstwhile(database, *arguments)
        assert found.returncode in (1, 2) and "\\udcff" in found.stderr and "fault of" not in found.stderr, found.stderr
