"""Files that commands are given: pipes of a shell, folders, links to nothing, byte order marks."""

from __future__ import annotations

import codecs
import os
import subprocess
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from tests.support.program import PROGRAM, environment, erstwhile

READ = b'{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
ADA = "arn:aws:iam::111122223333:user/ada"
REQUEST = (
    b'{"principal": "' + ADA.encode() + b'", "action": "s3:GetObject", "resource": "*", "policies": {"identity": ['
    + READ + b"]}}\n"
)  # fmt: skip


@pytest.mark.parametrize(("words", "given", "said"), [
    (("validate",), READ, "nothing to say against it"),
    (("evaluate",), REQUEST, '"decision":"allow"'),
    (("check", "not-granted", "iam:PassRole", "--policy"), READ, "not-granted: yes"),
])  # fmt: skip
def test_a_pipe_of_a_shell_is_a_file(words: tuple[str, ...], given: bytes, said: str) -> None:
    """`erstwhile validate <(terraform show …)`"""
    reader, writer = os.pipe()
    os.write(writer, given)
    os.close(writer)
    command = [PROGRAM, *words, f"/dev/fd/{reader}"]
    found = subprocess.run(command, env=environment(), capture_output=True, text=True, pass_fds=(reader,), check=False)
    os.close(reader)
    assert found.returncode == 0 and said in found.stdout, found


def test_a_byte_order_mark_is_no_part_of_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(codecs.BOM_UTF8 + READ)
    found = erstwhile(None, "validate", str(path))
    assert (found.returncode, found.stdout) == (0, "nothing to say against it\n"), found


def test_what_is_no_file_is_named_as_what_it_is(database: Database, tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.json")
    at = ("--taken-at", "2026-03-03")
    for words, said in (
        (("import", "snapshot", "none.json", *at), "none.json does not exist"),
        (("import", "snapshot", ".", *at), ". is a folder: expected a file"),
        (("import", "organization", str(tmp_path / "pipe.json"), *at), "pipe.json is no file: write to one what comes"),
        (("import", "resources", str(tmp_path / "none.json")), "none.json does not exist"),
        (("import", "cloudtrail", str(tmp_path / "pipe.json")), "pipe.json is no file: write to one what comes"),
        (("import", "cloudtrail", str(tmp_path / "link.json")), "link.json is a link to nothing"),
        (("validate", str(tmp_path)), "is a folder: expected a file"),
        (("validate", "none.json"), "there is no file none.json"),
        (("evaluate", str(tmp_path / "none.ndjson")), "there is no file"),
        (("unused", "--action-map", "none.json"), "there is no file none.json"),
    ):
        found = erstwhile(database, *words)
        assert found.returncode in (1, 2) and said in found.stderr, (words, found)
