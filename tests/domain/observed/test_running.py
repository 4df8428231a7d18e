"""Which resource runs as which role, learnt from the records of its creation, change and deletion."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.events.principals import InstanceProfileCreated, RoleAddedToInstanceProfile, RoleCreated
from erstwhile.domain.events.resources import ResourceDeregistered
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, translate
from erstwhile.domain.reach.running import RunningResources
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.given import arn, directory_of, role
from tests.support.records import ACCOUNT, record

ROLE = arn("role/worker")
_REGIONAL = f"us-east-1:{ACCOUNT}"
INSTANCE = f"arn:aws:ec2:{_REGIONAL}:instance/i-1"
FUNCTION = f"arn:aws:lambda:{_REGIONAL}:function:pay"
STACK = f"arn:aws:cloudformation:{_REGIONAL}:stack/base"
PROJECT = f"arn:aws:codebuild:{_REGIONAL}:project/build"
TASK = f"arn:aws:ecs:{_REGIONAL}:task-definition/web:3"
ENDPOINT = f"arn:aws:glue:{_REGIONAL}:devEndpoint/dev"
JOB = f"arn:aws:glue:{_REGIONAL}:job/nightly"
NOTEBOOK = f"arn:aws:sagemaker:{_REGIONAL}:notebook-instance/lab"
STARTED = {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}
RUN = f"arn:aws:ecs:{_REGIONAL}:task/main/1"
WEB = f"arn:aws:ecs:{_REGIONAL}:service/main/web"
SHOP = f"arn:aws:apprunner:{_REGIONAL}:service/shop/1"
BATCH = f"arn:aws:batch:{_REGIONAL}:job-definition/nightly:1"
ORDERS = f"arn:aws:states:{_REGIONAL}:stateMachine:orders"
INTERPRETER = f"arn:aws:bedrock-agentcore:{_REGIONAL}:code-interpreter-custom/c-1"
AGENT = f"arn:aws:bedrock-agentcore:{_REGIONAL}:runtime/agent-1"
BROWSER = f"arn:aws:bedrock-agentcore:{_REGIONAL}:browser-custom/b-1"
_RUN = {"taskArn": RUN, "taskDefinitionArn": TASK, "enableExecuteCommand": True, "overrides": {}}
_WEB = {"serviceArn": WEB, "clusterArn": f"arn:aws:ecs:{_REGIONAL}:cluster/main", "taskDefinition": TASK,
        "enableExecuteCommand": True}  # fmt: skip
_ASSOCIATE = {
    "AssociateIamInstanceProfileRequest": {"IamInstanceProfile": {"Name": "workers"}, "InstanceId": "i-1"},
}  # fmt: skip
_FUNCTION = {"functionArn": FUNCTION, "functionName": "pay", "role": ROLE}
_PROJECT = {"project": {"name": "build", "arn": PROJECT, "serviceRole": ROLE}}
_TASK = {"taskDefinition": {"taskDefinitionArn": TASK, "taskRoleArn": ROLE, "family": "web"}}

PUT: list[tuple[str, str, Any, Any, str, dict[str, str]]] = [
    ("ec2", "RunInstances", {"iamInstanceProfile": {"name": "workers"}}, STARTED, INSTANCE,
     {"type": "ec2-instance", "instance-profile": "workers"}),
    ("ec2", "AssociateIamInstanceProfile", _ASSOCIATE, None, INSTANCE,
     {"type": "ec2-instance", "instance-profile": "workers"}),
    ("lambda", "CreateFunction20150331", {"functionName": "pay", "role": ROLE}, _FUNCTION, FUNCTION,
     {"type": "lambda-function", "role": ROLE}),
    ("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": "pay", "timeout": 3}, _FUNCTION, FUNCTION,
     {"type": "lambda-function", "role": ROLE}),
    ("cloudformation", "CreateStack", {"stackName": "base", "roleARN": ROLE}, {"stackId": f"{STACK}/1"}, STACK,
     {"type": "cloudformation-stack", "role": ROLE, "resource": f"{STACK}/1"}),
    ("codebuild", "CreateProject", {"name": "build", "serviceRole": ROLE}, _PROJECT, PROJECT,
     {"type": "codebuild-project", "role": ROLE}),
    ("ecs", "RegisterTaskDefinition", {"family": "web", "taskRoleArn": ROLE}, _TASK, TASK,
     {"type": "ecs-task-definition", "role": ROLE}),
    ("glue", "CreateDevEndpoint", {"endpointName": "dev", "roleArn": ROLE}, {"endpointName": "dev"}, ENDPOINT,
     {"type": "glue-dev-endpoint", "role": ROLE}),
    ("glue", "CreateJob", {"name": "nightly", "role": "worker", "command": {"name": "glueetl"}}, {"name": "nightly"},
     JOB, {"type": "glue-job", "role": "worker"}),
    ("glue", "UpdateJob", {"jobName": "nightly", "jobUpdate": {"role": ROLE}}, {"jobName": "nightly"}, JOB,
     {"type": "glue-job", "role": ROLE}),
    ("sagemaker", "CreateNotebookInstance", {"notebookInstanceName": "lab", "roleArn": ROLE},
     {"notebookInstanceArn": NOTEBOOK}, NOTEBOOK, {"type": "sagemaker-notebook", "role": ROLE}),
    ("ecs", "RunTask", {}, {"tasks": [_RUN]}, RUN, {"type": "ecs-task", "task-definition": TASK}),
    ("ecs", "StartTask", {}, {"tasks": [_RUN | {"overrides": {"taskRoleArn": ROLE}}]}, RUN,
     {"type": "ecs-task", "role": ROLE}),
    ("ecs", "UpdateService", {"service": "web"}, {"service": _WEB}, WEB,
     {"type": "ecs-task", "task-definition": TASK, "resource": f"arn:aws:ecs:{_REGIONAL}:task/main/*"}),
    ("apprunner", "CreateService", {"instanceConfiguration": {"instanceRoleArn": ROLE}},
     {"service": {"serviceArn": SHOP}}, SHOP, {"type": "apprunner-service", "role": ROLE}),
    ("batch", "RegisterJobDefinition", {"containerProperties": {"jobRoleArn": ROLE}}, {"jobDefinitionArn": BATCH},
     BATCH, {"type": "batch-job-definition", "role": ROLE}),
    ("states", "UpdateStateMachine", {"stateMachineArn": ORDERS, "roleArn": ROLE}, {}, ORDERS,
     {"type": "state-machine", "role": ROLE}),
    ("bedrock-agentcore", "CreateCodeInterpreter", {"executionRoleArn": ROLE}, {"codeInterpreterArn": INTERPRETER},
     INTERPRETER, {"type": "bedrock-code-interpreter", "role": ROLE}),
    ("bedrock-agentcore", "CreateAgentRuntime", {"roleArn": ROLE}, {"agentRuntimeArn": AGENT}, AGENT,
     {"type": "bedrock-agent-runtime", "role": ROLE}),
    ("bedrock-agentcore", "CreateBrowser", {"executionRoleArn": ROLE}, {"browserArn": BROWSER}, BROWSER,
     {"type": "bedrock-browser", "role": ROLE}),
]  # fmt: skip
REMOVED: list[tuple[str, str, Any, Any, str]] = [
    ("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, None, INSTANCE),
    ("ec2", "DisassociateIamInstanceProfile", {}, {"iamInstanceProfileAssociation": {"instanceId": "i-1"}}, INSTANCE),
    ("lambda", "DeleteFunction20150331", {"functionName": "pay"}, None, FUNCTION),
    ("cloudformation", "DeleteStack", {"stackName": "base"}, None, STACK),
    ("cloudformation", "DeleteStack", {"stackName": f"{STACK}/1"}, None, STACK),
    ("codebuild", "DeleteProject", {"name": "build"}, None, PROJECT),
    ("ecs", "DeregisterTaskDefinition", {"taskDefinition": "web:3"}, _TASK, TASK),
    ("glue", "DeleteDevEndpoint", {"endpointName": "dev"}, None, ENDPOINT),
    ("glue", "DeleteJob", {"jobName": "nightly"}, None, JOB),
    ("sagemaker", "DeleteNotebookInstance", {"notebookInstanceName": "lab"}, None, NOTEBOOK),
    ("ecs", "StopTask", {"task": "1"}, {"task": _RUN}, RUN),
    (
        "ecs",
        "UpdateService",
        {"service": "web", "enableExecuteCommand": False},
        {"service": _WEB | {"enableExecuteCommand": False}},
        WEB,
    ),
    ("ecs", "DeleteService", {"service": "web"}, {"service": _WEB}, WEB),
    ("apprunner", "DeleteService", {"serviceArn": SHOP}, None, SHOP),
    ("batch", "DeregisterJobDefinition", {"jobDefinition": BATCH}, None, BATCH),
    ("states", "DeleteStateMachine", {"stateMachineArn": ORDERS}, None, ORDERS),
    ("bedrock-agentcore", "DeleteCodeInterpreter", {"codeInterpreterId": "c-1"}, None, INTERPRETER),
    ("bedrock-agentcore", "DeleteAgentRuntime", {"agentRuntimeId": "agent-1"}, None, AGENT),
    ("bedrock-agentcore", "DeleteBrowser", {"browserId": "b-1"}, None, BROWSER),
]


def bodies(service: str, name: str, parameters: Any, response: Any) -> Any:
    return translate(Record(record(name, parameters, response, service=service))).bodies


@pytest.mark.parametrize(("service", "name", "parameters", "response", "resource", "attributes"), PUT)
def test_a_resource_runs_as_the_role_that_its_record_shows(
    service: str, name: str, parameters: Any, response: Any, resource: str, attributes: dict[str, str]
) -> None:
    found = bodies(service, name, parameters, response)
    assert found[0] == SettingPut(category="runs-as", name=resource, attributes=attributes)


@pytest.mark.parametrize(("service", "name", "parameters", "response", "resource"), REMOVED)
def test_what_is_gone_runs_as_nobody(service: str, name: str, parameters: Any, response: Any, resource: str) -> None:
    assert SettingRemoved(category="runs-as", name=resource) in bodies(service, name, parameters, response)


def test_each_instance_that_is_started_is_one() -> None:
    found = bodies("ec2", "RunInstances", {"iamInstanceProfile": {"arn": arn("instance-profile/workers")}}, STARTED)
    assert [body.name for body in found] == [INSTANCE, f"{INSTANCE[:-1]}2"]


def test_the_deletion_of_a_function_ends_its_policy_too_and_that_of_a_version_only_its_own() -> None:
    found = bodies("lambda", "DeleteFunction20150331", {"functionName": "pay"}, None)
    assert found == (ResourceDeregistered(resource=FUNCTION), SettingRemoved(category="runs-as", name=FUNCTION))
    found = bodies("lambda", "DeleteFunction20150331", {"functionName": "pay", "qualifier": "7"}, None)
    assert found == (ResourceDeregistered(resource=f"{FUNCTION}:7"),)


@pytest.mark.parametrize(("service", "name", "parameters", "response"), [
    ("ec2", "RunInstances", {}, STARTED), ("cloudformation", "UpdateStack", {"stackName": "base"}, None),
    ("glue", "UpdateJob", {"jobName": "nightly", "jobUpdate": {}}, None), ("ec2", "TerminateInstances", {}, None),
    ("ecs", "RunTask", {}, {"tasks": [_RUN | {"enableExecuteCommand": False}]}),
    ("ecs", "UpdateService", {"service": "web"}, {"service": _WEB | {"enableExecuteCommand": False}}),
    ("ecs", "StopTask", {"task": "1"}, {"task": _RUN | {"enableExecuteCommand": False}}),
    ("ec2", "RunInstances", {"iamInstanceProfile": "HIDDEN"}, "HIDDEN"), ("lambda", "CreateFunction", None, None),
])  # fmt: skip
def test_a_call_that_says_nothing_of_a_role_is_activity(
    service: str, name: str, parameters: Any, response: Any
) -> None:
    assert translate(Record(record(name, parameters, response, service=service))).outcome == Outcome.ACTIVITY


def test_a_call_that_failed_is_activity_but_for_what_changes_access() -> None:
    started = record("RunInstances", {"iamInstanceProfile": {"name": "workers"}}, None, service="ec2", errorCode="X")
    assert translate(Record(started)).outcome == Outcome.ACTIVITY
    deleted = record("DeleteFunction20150331", {"functionName": "pay"}, None, service="lambda", errorCode="X")
    assert translate(Record(deleted)).outcome == Outcome.FAILED


def test_an_instance_runs_as_the_role_of_its_profile() -> None:
    profile = Ref("instance-profile", "workers", "AIPAWORKERS")
    directory = directory_of(
        RoleCreated(subject=role("worker"), arn=ROLE, trust_policy=None),
        InstanceProfileCreated(subject=profile, arn=arn("instance-profile/workers")),
        RoleAddedToInstanceProfile(subject=profile, role=role("worker")),
        *bodies("ec2", "RunInstances", {"iamInstanceProfile": {"name": "workers"}}, STARTED),
        *bodies("glue", "CreateJob", {"name": "nightly", "role": "worker"}, {"name": "nightly"}),
        mode="observed",
    )
    worker = directory.at_arn(ROLE)
    running = RunningResources(directory)
    assert {(each.type, each.resource) for each in running.of(worker)} == {
        ("ec2-instance", INSTANCE), ("ec2-instance", f"{INSTANCE[:-1]}2"), ("glue-job", JOB),
    }  # fmt: skip
    assert [profile.name for profile in running.profiles_of(worker)] == ["workers"]


def test_a_task_runs_as_the_role_of_its_definition_unless_it_was_given_another() -> None:
    other = arn("role/other")
    directory = directory_of(
        RoleCreated(subject=role("worker"), arn=ROLE, trust_policy=None),
        RoleCreated(subject=role("other"), arn=other, trust_policy=None),
        *bodies("ecs", "RegisterTaskDefinition", {"family": "web", "taskRoleArn": ROLE}, _TASK),
        *bodies("ecs", "RunTask", {}, {"tasks": [
            _RUN, _RUN | {"taskArn": f"{RUN}2", "overrides": {"taskRoleArn": other}},
        ]}),
        mode="observed",
    )  # fmt: skip
    running = RunningResources(directory)
    assert {(each.type, each.resource) for each in running.of(directory.at_arn(ROLE))} == {
        ("ecs-task-definition", TASK), ("ecs-task", RUN),
    }  # fmt: skip
    assert [each.resource for each in running.of(directory.at_arn(other))] == [f"{RUN}2"]
