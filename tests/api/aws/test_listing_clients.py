"""Every listing call, by AWS's own clients, while AWS-managed policies are attached: each must read every date.

The SDKs for JavaScript (both) come from npm, the one for Go from Debian (golang-go, golang-github-aws-aws-sdk-go-dev);
where they are not to be had, they are not tried, and the test says so. ansible's modules are run twice: the second time
nothing may change.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.aws.listing_calls import AWS_POLICY, Call, as_json, populate
from tests.support.aws.server import ROOT, AwsServer
from tests.support.npm import npm_install

_DATE = re.compile(rb"<(?:\w*(?:Date|Until|Expiration|Authenticated)|\w+Time)>([^<]*)</")
_RFC3339 = re.compile(rb"(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")


def environment(aws: AwsServer, folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "ENDPOINT": aws.url, "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": ROOT[0], "AWS_SECRET_ACCESS_KEY": ROOT[1], "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", **more,
    }  # fmt: skip


def run(command: list[str], folder: Path, given: dict[str, str], timeout: int = 300) -> Any:
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-4_000:]
    return orjson.loads(done.stdout.strip().splitlines()[-1])


def require_all_read(found: dict[str, Any], calls: list[Call], least: int) -> None:
    """Each call was answered, nothing failed, and so many dates were read."""
    assert found["failed"] == [], found["failed"]
    assert found["answered"] == len(calls) and found["dates"] >= least, found


def test_boto3_and_a_strict_reader(aws: AwsServer) -> None:
    from botocore import xform_name

    iam, calls, bodies = aws.client("iam"), populate(aws), []
    iam.meta.events.register("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))
    for operation, given in calls:
        getattr(iam, xform_name(operation))(**given)
    dates = [date for body in bodies for date in _DATE.findall(body)]
    assert len(bodies) >= len(calls) and len(dates) > 80
    assert [date for date in dates if not _RFC3339.fullmatch(date)] == []


CLI = """
import io, json, re, sys
from contextlib import redirect_stderr, redirect_stdout
from awscli.clidriver import create_clidriver
from botocore import xform_name
answered, dates, failed = 0, 0, []
driver = create_clidriver()
for operation, given in json.load(open("calls.json")):
    out, err = io.StringIO(), io.StringIO()
    arguments = ["iam", xform_name(operation, "-"), "--cli-input-json", json.dumps(given), "--output", "json"]
    with redirect_stdout(out), redirect_stderr(err):
        code = driver.main(arguments)
    if code:
        failed.append([operation, err.getvalue()])
    else:
        answered += 1
        dates += len(re.findall(r'"(?:19|20|21)\\d\\d-\\d\\d-\\d\\dT', out.getvalue()))
print(json.dumps({"answered": answered, "dates": dates, "failed": failed}))
"""


def test_the_aws_cli_lists_all(aws: AwsServer, tmp_path: Path) -> None:
    calls = populate(aws)
    (tmp_path / "calls.json").write_text(as_json(calls))
    (tmp_path / "walk.py").write_text(CLI)
    given = environment(aws, tmp_path, AWS_PAGER="")
    require_all_read(run([sys.executable, "walk.py"], tmp_path, given), calls, 80)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JavaScript SDKs, version 3 and 2."""
    folder = tmp_path_factory.mktemp("javascript")
    npm_install(folder, "@aws-sdk/client-iam", "@aws-sdk/client-sts", "aws-sdk@2")
    return folder


JAVASCRIPT = """
const calls = JSON.parse(require("fs").readFileSync("calls.json"));
const found = { answered: 0, dates: 0, failed: [] };
const look = (value) => {
  if (value instanceof Date) {
    if (isNaN(value) || value.getUTCFullYear() < 1970) throw new Error("a date that is none: " + value);
    found.dates += 1;
  } else if (value && typeof value === "object" && !(value instanceof Uint8Array)) Object.values(value).forEach(look);
};
(async () => {
  for (const [operation, given] of calls) {
    try { const answer = await ask(operation, given); delete answer.$metadata; look(answer); found.answered += 1; }
    catch (error) { found.failed.push([operation, String(error)]); }
  }
  console.log(JSON.stringify(found));
})();
"""
VERSION_3 = """
const iam = require("@aws-sdk/client-iam");
const client = new iam.IAMClient({ endpoint: process.env.ENDPOINT, region: "us-east-1", maxAttempts: 1 });
const ask = (operation, given) => client.send(new iam[operation + "Command"](given));
"""
VERSION_2 = """
process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const AWS = require("aws-sdk");
const client = new AWS.IAM({ endpoint: process.env.ENDPOINT, region: "us-east-1", maxRetries: 0 });
const ask = (operation, given) => client[operation[0].toLowerCase() + operation.slice(1)](given).promise();
"""


@pytest.mark.parametrize("version", ["3", "2"])
def test_the_javascript_sdks_list_all(aws: AwsServer, modules: Path, tmp_path: Path, version: str) -> None:
    calls = populate(aws)
    (modules / "calls.json").write_text(as_json(calls))
    (modules / f"list{version}.js").write_text((VERSION_3 if version == "3" else VERSION_2) + JAVASCRIPT)
    given = environment(aws, tmp_path, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE="1")
    require_all_read(run(["node", f"list{version}.js"], modules, given), calls, 80)


GO = """
package main

import (
	"encoding/json"
	"fmt"
	"io/ioutil"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/iam"
)

func dates(value reflect.Value) int {
	switch value.Kind() {
	case reflect.Ptr, reflect.Interface:
		if value.IsNil() {
			return 0
		}
		if at, ok := value.Interface().(*time.Time); ok {
			if at.Year() < 1970 {
				panic("a date that is none: " + at.String())
			}
			return 1
		}
		return dates(value.Elem())
	case reflect.Struct:
		found := 0
		for i := 0; i < value.NumField(); i++ {
			if value.Type().Field(i).PkgPath == "" {
				found += dates(value.Field(i))
			}
		}
		return found
	case reflect.Slice:
		found := 0
		for i := 0; i < value.Len(); i++ {
			found += dates(value.Index(i))
		}
		return found
	}
	return 0
}

func main() {
	text, _ := ioutil.ReadFile("calls.json")
	var calls [][]json.RawMessage
	if err := json.Unmarshal(text, &calls); err != nil {
		panic(err)
	}
	config := aws.NewConfig().WithEndpoint(os.Getenv("ENDPOINT")).WithRegion("us-east-1").WithMaxRetries(0)
	client := reflect.ValueOf(iam.New(session.Must(session.NewSession(config))))
	answered, count, failed := 0, 0, [][]string{}
	for _, call := range calls {
		var operation string
		json.Unmarshal(call[0], &operation)
		method := client.MethodByName(operation)
		given := reflect.New(method.Type().In(0).Elem())
		if err := json.Unmarshal(call[1], given.Interface()); err != nil {
			panic(err)
		}
		answer := method.Call([]reflect.Value{given})
		if err, ok := answer[1].Interface().(error); ok && err != nil {
			failed = append(failed, []string{operation, err.Error()})
			continue
		}
		answered++
		count += dates(answer[0])
	}
	text, _ = json.Marshal(map[string]interface{}{"answered": answered, "dates": count, "failed": failed})
	fmt.Println(string(text))
}
"""
GO_PACKAGES = Path("/usr/share/gocode")


def test_the_go_sdk_lists_all(aws: AwsServer, tmp_path: Path) -> None:
    if shutil.which("go") is None or not (GO_PACKAGES / "src/github.com/aws/aws-sdk-go").exists():
        pytest.skip("golang-go and golang-github-aws-aws-sdk-go-dev are not installed: the Go SDK is not tried")
    calls = populate(aws)
    (tmp_path / "calls.json").write_text(as_json(calls))
    (tmp_path / "list.go").write_text(GO)
    given = environment(
        aws, tmp_path, GO111MODULE="off", GOPATH=str(GO_PACKAGES), GOCACHE=str(tmp_path / "cache"), GOFLAGS="-p=1"
    )
    require_all_read(run(["go", "run", "list.go"], tmp_path, given, timeout=600), calls, 80)


PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  module_defaults: {group/aws: {endpoint_url: "{{ lookup('env', 'ENDPOINT') }}", region: us-east-1}}
  vars:
    read: {Version: "2012-10-17", Statement: [{Sid: Read, Effect: Allow, Action: "iam:Get*", Resource: "*"}]}
    trust: {Version: "2012-10-17", Statement: [
      {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
  tasks:
    - amazon.aws.iam_managed_policy: {name: reading, policy: "{{ read }}", tags: {team: blue}}
      register: policy
    - amazon.aws.iam_user:
        {name: ada, state: present, managed_policies: ["{{ policy.policy.arn }}", "AWS_POLICY"], tags: {team: blue}}
    - amazon.aws.iam_group: {name: ops, state: present, users: [ada], managed_policies: ["AWS_POLICY"]}
    - amazon.aws.iam_role:
        {name: deploy, assume_role_policy_document: "{{ trust }}", managed_policies: ["AWS_POLICY"], tags: {team: blue},
         description: deploys, create_instance_profile: true}
    - amazon.aws.iam_policy:
        {iam_type: role, iam_name: deploy, policy_name: in, policy_json: "{{ read }}", state: present}
    - amazon.aws.iam_password_policy: {state: present, min_pw_length: 14, require_symbols: true}
    - amazon.aws.iam_user_info: {name: ada}
    - amazon.aws.iam_role_info: {name: deploy}
    - amazon.aws.iam_policy_info: {iam_type: role, iam_name: deploy}
    - amazon.aws.iam_instance_profile_info: {name: deploy}
"""


def ansible() -> Path | None:
    """ansible-playbook with the collection amazon.aws, wherever this machine has it (ERSTWHILE_ANSIBLE: its folder)."""
    folder = os.environ.get("ERSTWHILE_ANSIBLE", "")
    found = shutil.which("ansible-playbook", path=folder or None)
    return Path(found) if found else None


def test_ansible_changes_nothing_the_second_time(aws: AwsServer, tmp_path: Path) -> None:
    program = ansible()
    if program is None:
        pytest.skip("ansible is not installed (`pip install ansible boto3` in an environment of its own): not tried")
    (tmp_path / "play.yml").write_text(PLAYBOOK.replace("AWS_POLICY", AWS_POLICY))
    interpreter = str(program.parent / "python")
    given = environment(
        aws, tmp_path, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json", ANSIBLE_PYTHON_INTERPRETER=interpreter,
        LC_ALL="C.UTF-8",
        ANSIBLE_LOCAL_TEMP=str(tmp_path / "local"), ANSIBLE_REMOTE_TEMP=str(tmp_path / "remote"),
    )  # fmt: skip
    changed = []
    for _ in range(2):
        command = [str(program), "-i", "localhost,", "-e", f"ansible_python_interpreter={interpreter}", "play.yml"]
        done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
        told = orjson.loads(done.stdout[done.stdout.index("{") :])
        changed.append(told["stats"]["localhost"]["changed"])
    assert changed[0] >= 6 and changed[1] == 0, changed
