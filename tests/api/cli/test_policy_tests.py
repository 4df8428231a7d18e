"""`erstwhile test` and `erstwhile validate`: what they say, and with which exit status."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

READ = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::pay/*",
     "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}  # fmt: skip
SUITE = """
policies:
  identity: [read.json]
  scp: [[{Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}]]
defaults:
  principal: arn:aws:iam::111122223333:user/ada
  resource: arn:aws:s3:::pay/x
  resource_account: 111122223333
  context: {aws:SourceIp: 203.0.113.9}
tests:
  - {name: reads, action: [s3:GetObject, s3:GetObjectTagging], expect: allow, by: Read}
  - {name: not from elsewhere, action: s3:GetObject, context: {aws:SourceIp: 198.51.100.1}, expect: implicit_deny}
  - {name: who knows from where, action: s3:GetObject, context: {}, mode: discover, expect: conditional}
  - {name: outside, action: ec2:RunInstances, resource: "*", expect: deny, blocked_by: [identity, scp]}
table:
  - [action, expect]
  - [s3:PutObject, deny]
"""


def test_a_suite_passes_and_a_difference_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "read.json").write_bytes(orjson.dumps(READ))
    file = tmp_path / "pay.yaml"
    file.write_text(SUITE)
    run = erstwhile(None, "test", str(tmp_path), "--verbose")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "6 of 6 policy tests passed" in run.stdout and "passed reads: arn" in run.stdout
    file.write_text(SUITE.replace("s3:PutObject, deny", "s3:PutObject, allow").replace("by: Read}", "by: Write}"))
    report = tmp_path / "results.xml"
    run = erstwhile(None, "test", str(file), "--junit", str(report))
    assert run.returncode == 1 and "3 of 6 policy tests passed" in run.stdout
    assert "expected allow, it is implicit_deny" in run.stdout and "expected it by Write; it is by Read" in run.stdout
    [suite] = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("6", "3")
    assert len(suite.findall("testcase/failure")) == 3


def test_a_suite_about_the_past(story: Database, tmp_path: Path) -> None:
    file = tmp_path / "then.yaml"
    rows = """
table:
  - [principal, action, resource, expect]
  - [arn:aws:iam::111122223333:user/build-bot, s3:GetObject, "arn:aws:s3:::payroll/x", {expect}]
  - [arn:aws:iam::111122223333:user/nobody, s3:GetObject, "arn:aws:s3:::payroll/x", deny]
"""
    file.write_text(
        "as_of: 2026-03-03T14:30:00Z\ndefaults: {resource_account: '111122223333'}" + rows.format(expect="allow")
    )
    run = erstwhile(story, "test", str(file))
    assert run.returncode == 0, run.stdout + run.stderr
    file.write_text("as_of: now\ndefaults: {resource_account: '111122223333'}" + rows.format(expect="deny"))
    assert erstwhile(story, "test", str(file)).returncode == 0
    file.write_text("as_of: yesterday" + rows.format(expect="deny"))
    run = erstwhile(story, "test", str(file))
    assert run.returncode == 2 and "yesterday" in run.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected an object"),
        ("a: [", "is not YAML"),
        ("tests: []", "holds no tests"),
        ("test: []", "'test' is not known"),
        ("tests: [x]", "test 1 must be an object"),
        ("tests: [{expect: yes}]", "expect must be one of"),
        ("tests: [{expect: allow, principal: 1, action: a, resource: b}]", "quote accounts"),
        ("tests: [{expect: allow, principal: a, action: s3:x, resource: '*'}]", "is not a principal"),
        ("tests: [{expect: allow, principal: '*', action: s3, resource: '*'}]", "expected service:operation"),
        ("tests: [{expect: allow, principal: '*', actions: s3:x}]", "'actions' is not known"),
        ("policies: {identity: [none.json]}\ntests: []", "No such file"),
        ("policies: {identities: []}\ntests: []", "'identities' is not known"),
        ("policies: {}\nas_of: now\ntests: []", "policies cannot be given as well"),
        ("table: [[action], [a, b]]", "row 1 of the table has 2 columns"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.yml"
    file.write_text(text)
    run = erstwhile(None, "test", str(file))
    assert run.returncode == 2 and words in run.stderr, run.stderr
    assert "Traceback" not in run.stderr


def test_a_folder_without_tests(tmp_path: Path) -> None:
    run = erstwhile(None, "test", str(tmp_path))
    assert run.returncode == 2 and "no .yaml or .yml file" in run.stderr


def test_validate(tmp_path: Path) -> None:
    file = tmp_path / "read.json"
    file.write_bytes(orjson.dumps(READ))
    run = erstwhile(None, "validate", str(file))
    assert run.returncode == 0 and "nothing to say against it" in run.stdout
    file.write_text('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}')
    run = erstwhile(None, "validate", str(file), "--json")
    assert run.returncode == 0 and orjson.loads(run.stdout)[0]["code"] == "ALLOW_SERVICE"
    run = erstwhile(None, "validate", str(file), "--use", "trust")
    assert run.returncode == 1 and "may not have" in run.stdout
    run = erstwhile(None, "validate", str(tmp_path / "none.json"))
    assert run.returncode == 2 and "there is no file" in run.stderr
