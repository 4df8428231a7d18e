"""Translates operations that say as which role a resource runs: instances, functions, stacks, projects, task
definitions, development endpoints, jobs, notebooks, state machines, and what AgentCore runs. Of tasks of ECS, those
alone into which a command may be sent.

Each is a setting of its account, of the category `runs-as`, named by the resource's ARN. A stack's ARN ends with an id
that a deletion by name lacks: its setting is named without, and has the whole ARN among its attributes.

Sources: the record examples and API references of the services; for instances
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.observed.cloudtrail.generic import found
from erstwhile.domain.observed.cloudtrail.record import Record, Translator
from erstwhile.domain.observed.cloudtrail.resources import function
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text, objects_in

RUNS_AS = "runs-as"
_NameOf = Callable[[Record], str]


def _answer(record: Record) -> Any:
    return record.raw.get("responseElements")


def _put(resource: str, kind: str, /, **more: str) -> list[Body]:
    return [SettingPut(category=RUNS_AS, name=resource, attributes={"type": kind, **more})] if resource else []


def _removed(resource: str) -> list[Body]:
    return [SettingRemoved(category=RUNS_AS, name=resource)] if resource else []


def named(service: str, prefix: str, *names: str) -> _NameOf:
    """Returns a function that gives a resource's ARN: as it stands under one of these names (lower case) in the answer
    or the request, or made of the name there; '' where both lack it."""

    def arn(record: Record) -> str:
        for part in (_answer(record), record.parameters):
            name = as_text(found(part, *names, depth=4))
            if name:
                return name if name.startswith("arn:") else record.arn(service, f"{prefix}{name}")
        return ""

    return arn


def runs(resource: _NameOf, kind: str, *roles: str) -> Translator:
    """Translates a call that gives a resource its role, which stands under one of these names (lower case) in the
    answer or the request. A call that says nothing of a role changes nothing."""

    def translate(record: Record) -> list[Body]:
        role = as_text(found(_answer(record), *roles, depth=4) or found(record.parameters, *roles, depth=4))
        return _put(resource(record), kind, role=role) if role else []

    return translate


def ended(resource: _NameOf) -> Translator:
    """Translates the deletion of a resource that may have run as a role."""
    return lambda record: _removed(resource(record))


# Instances.


def _instance(record: Record, instance: str) -> str:
    return record.arn("ec2", f"instance/{instance}") if instance else ""


def _profile(value: Any) -> str:
    """The ARN or name of an instance profile, as a call gives it."""
    given = {key.lower(): as_text(each) for key, each in as_object(value).items()}
    return given.get("arn") or given.get("name") or ""


def _instances(record: Record, part: Any) -> list[str]:
    items = objects_in(as_object(as_object(part).get("instancesSet")).get("items"))
    return [_instance(record, as_text(each.get("instanceId"))) for each in items]


def run_instances(record: Record) -> list[Body]:
    """RunInstances: all that it starts run as the role of one instance profile."""
    profile = _profile(record.p("iamInstanceProfile"))
    if not profile:
        return []
    bodies: list[Body] = []
    for instance in _instances(record, _answer(record)):
        bodies += _put(instance, "ec2-instance", **{"instance-profile": profile})
    return bodies


def terminate_instances(record: Record) -> list[Body]:
    return [body for instance in _instances(record, record.parameters) for body in _removed(instance)]


def _associated(record: Record) -> str:
    for part in (_answer(record), record.parameters):
        instance = as_text(found(part, "instanceid", depth=4))
        if instance:
            return _instance(record, instance)
    return ""


def associate_profile(record: Record) -> list[Body]:
    """AssociateIamInstanceProfile, ReplaceIamInstanceProfileAssociation."""
    profile = _profile(found(record.parameters, "iaminstanceprofile"))
    return _put(_associated(record), "ec2-instance", **{"instance-profile": profile}) if profile else []


def disassociate_profile(record: Record) -> list[Body]:
    return _removed(_associated(record))


# Stacks.


def _stack(record: Record) -> tuple[str, str]:
    """(the ARN without its last part, the ARN): the second is '' where the record has a name alone."""
    whole = as_text(found(_answer(record), "stackid"))
    name = whole or as_text(record.p("stackName"))
    if not name.startswith("arn:"):
        return record.arn("cloudformation", f"stack/{name}") if name else "", ""
    return name.rpartition("/")[0], name


def put_stack(record: Record) -> list[Body]:
    """CreateStack, UpdateStack, CreateChangeSet, by a service role."""
    role = as_text(record.p("roleARN"))
    name, whole = _stack(record)
    return _put(name, "cloudformation-stack", role=role, resource=whole) if role and whole else []


def delete_stack(record: Record) -> list[Body]:
    return _removed(_stack(record)[0])


# Tasks, into which a command may be sent: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html


def _executable(part: dict[str, Any]) -> bool:
    return part.get("enableExecuteCommand") is True


def _role_of_task(part: dict[str, Any]) -> dict[str, str]:
    own = as_text(as_object(part.get("overrides")).get("taskRoleArn"))
    definition = as_text(part.get("taskDefinitionArn") or part.get("taskDefinition"))
    return {"role": own} if own else {"task-definition": definition}


def run_tasks(record: Record) -> list[Body]:
    """RunTask, StartTask: each task runs as the role that the call gives it, or that its definition has."""
    bodies: list[Body] = []
    for task in objects_in(as_object(_answer(record)).get("tasks")):
        if _executable(task):
            bodies += _put(as_text(task.get("taskArn")), "ecs-task", **_role_of_task(task))
    return bodies


def stop_task(record: Record) -> list[Body]:
    task = as_object(as_object(_answer(record)).get("task"))
    return _removed(as_text(task.get("taskArn"))) if _executable(task) else []


def put_task_service(record: Record) -> list[Body]:
    """CreateService, UpdateService of ECS: all tasks of the service's cluster may be its own, for no record names
    those that the service starts."""
    service = as_object(as_object(_answer(record)).get("service"))
    name = as_text(service.get("serviceArn"))
    if not _executable(service):
        return _removed(name) if record.p("enableExecuteCommand") is False else []
    tasks = as_text(service.get("clusterArn")).replace(":cluster/", ":task/") + "/*"
    return _put(name, "ecs-task", **_role_of_task(service), resource=tasks)


def delete_task_service(record: Record) -> list[Body]:
    return _removed(as_text(as_object(as_object(_answer(record)).get("service")).get("serviceArn")))


def delete_function(record: Record) -> list[Body]:
    """DeleteFunction: of the function itself, not of one version."""
    return [] if record.p("qualifier") else _removed(function(record))


_function = named("lambda", "function:", "functionarn", "functionname")
_project = named("codebuild", "project/", "arn", "name")
_definition = named("ecs", "task-definition/", "taskdefinitionarn")
_endpoint = named("glue", "devEndpoint/", "endpointname")
_job = named("glue", "job/", "jobname", "name")
_service = named("apprunner", "service/", "servicearn")
_job_definition = named("batch", "job-definition/", "jobdefinitionarn", "jobdefinition")
_state_machine = named("states", "stateMachine:", "statemachinearn")
_interpreter = named("bedrock-agentcore", "code-interpreter-custom/", "codeinterpreterarn", "codeinterpreterid")
_runtime = named("bedrock-agentcore", "runtime/", "agentruntimearn", "agentruntimeid")
_browser = named("bedrock-agentcore", "browser-custom/", "browserarn", "browserid")
_notebook = named("sagemaker", "notebook-instance/", "notebookinstancearn", "notebookinstancename")

RUNNING: dict[tuple[str, str], Translator] = {
    ("ec2", "RunInstances"): run_instances,
    ("ec2", "TerminateInstances"): terminate_instances,
    ("ec2", "AssociateIamInstanceProfile"): associate_profile,
    ("ec2", "ReplaceIamInstanceProfileAssociation"): associate_profile,
    ("ec2", "DisassociateIamInstanceProfile"): disassociate_profile,
    ("lambda", "CreateFunction"): runs(_function, "lambda-function", "role"),
    ("lambda", "UpdateFunctionConfiguration"): runs(_function, "lambda-function", "role"),
    ("lambda", "DeleteFunction"): delete_function,
    ("cloudformation", "CreateStack"): put_stack,
    ("cloudformation", "UpdateStack"): put_stack,
    ("cloudformation", "DeleteStack"): delete_stack,
    ("codebuild", "CreateProject"): runs(_project, "codebuild-project", "servicerole"),
    ("codebuild", "UpdateProject"): runs(_project, "codebuild-project", "servicerole"),
    ("codebuild", "DeleteProject"): ended(_project),
    ("ecs", "RegisterTaskDefinition"): runs(_definition, "ecs-task-definition", "taskrolearn"),
    ("ecs", "DeregisterTaskDefinition"): ended(_definition),
    ("ecs", "RunTask"): run_tasks,
    ("ecs", "StartTask"): run_tasks,
    ("ecs", "StopTask"): stop_task,
    ("ecs", "CreateService"): put_task_service,
    ("ecs", "UpdateService"): put_task_service,
    ("ecs", "DeleteService"): delete_task_service,
    ("apprunner", "CreateService"): runs(_service, "apprunner-service", "instancerolearn"),
    ("apprunner", "UpdateService"): runs(_service, "apprunner-service", "instancerolearn"),
    ("apprunner", "DeleteService"): ended(_service),
    ("batch", "RegisterJobDefinition"): runs(_job_definition, "batch-job-definition", "jobrolearn"),
    ("batch", "DeregisterJobDefinition"): ended(_job_definition),
    ("states", "CreateStateMachine"): runs(_state_machine, "state-machine", "rolearn"),
    ("states", "UpdateStateMachine"): runs(_state_machine, "state-machine", "rolearn"),
    ("states", "DeleteStateMachine"): ended(_state_machine),
    ("bedrock-agentcore", "CreateCodeInterpreter"): runs(_interpreter, "bedrock-code-interpreter", "executionrolearn"),
    ("bedrock-agentcore", "DeleteCodeInterpreter"): ended(_interpreter),
    ("bedrock-agentcore", "CreateAgentRuntime"): runs(_runtime, "bedrock-agent-runtime", "rolearn"),
    ("bedrock-agentcore", "UpdateAgentRuntime"): runs(_runtime, "bedrock-agent-runtime", "rolearn"),
    ("bedrock-agentcore", "DeleteAgentRuntime"): ended(_runtime),
    ("bedrock-agentcore", "CreateBrowser"): runs(_browser, "bedrock-browser", "executionrolearn"),
    ("bedrock-agentcore", "DeleteBrowser"): ended(_browser),
    ("glue", "CreateDevEndpoint"): runs(_endpoint, "glue-dev-endpoint", "rolearn"),
    ("glue", "DeleteDevEndpoint"): ended(_endpoint),
    ("glue", "CreateJob"): runs(_job, "glue-job", "role"),
    ("glue", "UpdateJob"): runs(_job, "glue-job", "role"),
    ("glue", "DeleteJob"): ended(_job),
    ("sagemaker", "CreateNotebookInstance"): runs(_notebook, "sagemaker-notebook", "rolearn"),
    ("sagemaker", "UpdateNotebookInstance"): runs(_notebook, "sagemaker-notebook", "rolearn"),
    ("sagemaker", "DeleteNotebookInstance"): ended(_notebook),
}
"""(service, operation without its API version) → translator. A call of these that failed is activity: it would have
changed no policy."""
