"""Translates operations that say as which role a resource runs: instances, functions, stacks, projects, task
definitions, development endpoints, jobs and notebooks.

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


def delete_function(record: Record) -> list[Body]:
    """DeleteFunction: of the function itself, not of one version."""
    return [] if record.p("qualifier") else _removed(function(record))


_function = named("lambda", "function:", "functionarn", "functionname")
_project = named("codebuild", "project/", "arn", "name")
_definition = named("ecs", "task-definition/", "taskdefinitionarn")
_endpoint = named("glue", "devEndpoint/", "endpointname")
_job = named("glue", "job/", "jobname", "name")
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
