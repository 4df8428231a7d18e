"""`erstwhile what-if`: changes as options, files and plans; tables, JSON and exit status."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from erstwhile.api import demo
from erstwhile.api.database.database import Database
from tests.support.documents import FULL
from tests.support.program import erstwhile

pytestmark = pytest.mark.reads

QUIET = ("--as-of", "2026-03-03 13:00", "--resource", "arn:aws:s3:::payroll/*")
SNAPSHOT = str(Path(demo.__file__).with_name("snapshot.json"))
"""JSON that is no plan."""
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'


def test_a_change_by_option(story: Database) -> None:
    found = erstwhile(story, "what-if", *QUIET, "--attach", "build-bot AdministratorAccess")
    assert found.returncode == 0, found.stderr
    assert "--attach build-bot AdministratorAccess" in found.stdout and "gained" in found.stdout
    as_json = erstwhile(story, "what-if", *QUIET, "--attach", "build-bot AdministratorAccess", "--json").stdout
    assert {each["principal"] for each in orjson.loads(as_json)["differences"]} == {
        "arn:aws:iam::111122223333:user/build-bot"
    }


def test_changes_from_files(story: Database, tmp_path: Path) -> None:
    document = tmp_path / "a policy.json"
    document.write_text(FULL)
    found = erstwhile(
        story, "what-if", *QUIET, "--put-inline", f"build-bot own {document}", "--columns", "principal,by"
    )
    assert f"--put-inline build-bot own {document}" in found.stdout
    changes = tmp_path / "changes.json"
    changes.write_bytes(orjson.dumps([
        {"change": "put-inline-policy", "principal": "build-bot", "name": "own", "document": orjson.loads(FULL)},
    ]))  # fmt: skip
    found = erstwhile(story, "what-if", *QUIET, "--changes", str(changes), "--columns", "principal,change,by")
    assert "build-bot" in found.stdout and "change 1" in found.stdout
    plan = tmp_path / "plan.json"
    plan.write_bytes(orjson.dumps({"format_version": "1.2", "resource_changes": [{
        "address": "aws_iam_user_policy.own", "mode": "managed", "type": "aws_iam_user_policy",
        "change": {
            "actions": ["create"], "after": {"user": "build-bot", "name": "own"}, "after_unknown": {"policy": True},
        },
    }]}))  # fmt: skip
    found = erstwhile(story, "what-if", *QUIET, "--terraform-plan", str(plan), "--plan-account", "111122223333")
    assert "no access would change" in found.stdout
    assert "aws_iam_user_policy.own: policy is known after the application alone" in found.stdout


def test_a_change_set_and_its_template(story: Database, tmp_path: Path) -> None:
    own = {"Type": "AWS::IAM::UserPolicy", "Properties": {
        "UserName": "build-bot", "PolicyName": "own", "PolicyDocument": orjson.loads(FULL),
    }}  # fmt: skip
    added = {"Action": "Add", "LogicalResourceId": "Own", "ResourceType": own["Type"]}
    files = {
        "set.json": {
            "StackName": "shop", "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1",
            "Changes": [{"Type": "Resource", "ResourceChange": added}],
        },
        "template.json": {"Resources": {"Own": own}},
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(orjson.dumps(content))
    given = ("what-if", *QUIET, "--change-set", str(tmp_path / "set.json"))
    found = erstwhile(story, *given)
    assert "no access would change" in found.stdout and "or give the template" in found.stdout
    found = erstwhile(story, *given, "--template", str(tmp_path / "template.json"), "--fail-on", "gained")
    assert found.returncode == 1 and "user/build-bot" in found.stdout
    assert "expected" not in found.stderr


def test_which_recorded_calls_would_have_failed(story: Database) -> None:
    question = ("what-if", "--detach", "build-bot deploy", "--calls-from", "2026-03-03 14:00")
    found = erstwhile(story, *question, "--fail-on", "any")
    assert found.returncode == 1, found.stderr
    assert "iam:CreateUser" in found.stdout and "nothing allows it in identity" in found.stdout
    assert "calls that succeeded were decided about again" in found.stdout
    found = erstwhile(story, *question, "--as-of", "2026-03-03 15:00", "--fail-on", "any")
    assert found.returncode == 0 and "no recorded call would have failed" in found.stdout


@pytest.mark.parametrize(
    ("fail_on", "document", "status"),
    [("gained", FULL, 1), ("lost", FULL, 0), ("any", FULL, 1), ("never", FULL, 0), ("any", DENY, 0)],
)
def test_the_exit_status(story: Database, tmp_path: Path, fail_on: str, document: str, status: int) -> None:
    file = tmp_path / "policy.json"
    file.write_text(document)
    found = erstwhile(story, "what-if", *QUIET, "--put-inline", f"build-bot own {file}", "--fail-on", fail_on)
    assert found.returncode == status, found.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing is supposed"),
        (("--attach", "build-bot"), "--attach 'build-bot': expected 'PRINCIPAL POLICY'"),
        (
            ("--attach", "nobody AdministratorAccess"),
            "--attach nobody AdministratorAccess (attach-policy): there is no",
        ),
        (("--policy", "deploy /nowhere/file.json"), "/nowhere/file.json cannot be read: No such file"),
        (("--changes", "/nowhere/file.json"), "/nowhere/file.json cannot be read: No such file"),
        (("--terraform-plan", "-"), "is not JSON"),
        (("--terraform-plan", SNAPSHOT), "an object with format_version): terraform show -json FILE prints it"),
        (("--change-set", SNAPSHOT), "describe-change-set --include-property-values prints it"),
        (("--remove", "build-bot", "--template", "-"), "--template completes what --change-set names"),
        (("--remove", "build-bot", "--calls-to", "2026-03-04"), "--calls-to ends what --calls-from begins"),
        (("--remove", "build-bot", "--calls-from", "2026-03-03", "--resource", "*"), "--resource narrows differences"),
        (("--fail-on", "sometimes", "--remove", "build-bot"), "sometimes"),
    ],
)
def test_what_is_wrong_is_said(story: Database, arguments: tuple[str, ...], words: str) -> None:
    found = erstwhile(story, "what-if", *arguments)
    assert found.returncode == 2 and words in found.stderr, found.stderr
    assert "Traceback" not in found.stderr
