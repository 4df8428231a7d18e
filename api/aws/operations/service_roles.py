"""Service-linked roles: roles with a fixed name and path that belong to a service; only that service changes them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import base64
import binascii

import orjson

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, just_made
from erstwhile.api.aws.access.linked_role_names import known
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.commands.roles import CreateServiceLinkedRole, DeleteServiceLinkedRole
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

_PURPOSE = "deletion task"


def create(call: Call) -> Plan:
    service, suffix = call.given["AWSServiceName"], call.get("CustomSuffix", "")
    role = known(service)
    if role is None:
        raise AwsError("InvalidInput", f"{service} is not a service that has a service-linked role, as far as is known "
                       "here: expected a name such as autoscaling.amazonaws.com")  # fmt: skip
    if suffix and not role.suffix:
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service}")
    name = f"{role.role}{f'_{suffix}' if suffix else ''}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}],
    }
    command = CreateServiceLinkedRole(
        account=call.account, name=name, new_id=new_id("AROA", 17), service=service,
        trust_policy=orjson.dumps(trust).decode(), path=f"/aws-service-role/{service}/",
        description=call.get("Description", ""), policy_arn=_policy(call, role.policy),
    )  # fmt: skip

    def answer(directory: Directory) -> Result:
        return {"Role": shapes.role(directory, just_made(directory, call.account, "role", name))}

    return Plan(command=command, answer=answer)


def _policy(call: Call, name: str) -> str:
    """The service's managed policy, where a catalogue contains it."""
    if call.directory.named(AWS_MANAGED, "policy", name) is None:
        return ""
    return f"arn:{call.partition}:iam::aws:policy/aws-service-role/{name}"


def delete(call: Call) -> Plan:
    """Deletes the role at once, because no service here uses it. The id of the deletion task is the role's name,
    sealed."""
    role = call.need("role", call.given["RoleName"])
    service = role.service_linked
    command = DeleteServiceLinkedRole(account=call.account, name=role.name)
    key, sealed = call.vault.seal(role.id.encode(), f"{_PURPOSE} {call.account}")
    proof = base64.urlsafe_b64encode(bytes.fromhex(key) + sealed).decode()
    task = f"task/aws-service-role/{service}/{role.name}/{proof}"
    return Plan(command=command, answer=lambda _directory: {"DeletionTaskId": task})


def deletion_status(call: Call) -> Result:
    parts = call.given["DeletionTaskId"].split("/")
    if len(parts) != 5 or parts[:2] != ["task", "aws-service-role"]:
        raise AwsError("InvalidInput", "DeletionTaskId must be one that DeleteServiceLinkedRole gave")
    try:
        raw = base64.urlsafe_b64decode(parts[4])
        role_id = call.vault.open(raw[8:], f"{_PURPOSE} {call.account}", raw[:8].hex()).decode()
    except (binascii.Error, ValueError, MasterKeyMissing, SealBroken):
        raise NoSuchEntity("The deletion task cannot be found.") from None
    gone = call.directory.get(call.account, "role", role_id) is None
    return {"Status": "SUCCEEDED" if gone else "IN_PROGRESS"}


OPERATIONS: dict[str, Operation] = {
    "CreateServiceLinkedRole": create,
    "DeleteServiceLinkedRole": delete,
    "GetServiceLinkedRoleDeletionStatus": deletion_status,
}
