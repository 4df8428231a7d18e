"""The roles that a call passes to a service. iam:PassRole has no record of its own: it follows from role ARNs in the
parameters of other calls.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.policy.knowledge.service_reference import access_level

PASS_ROLE = "iam:PassRole"
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:(role|instance-profile)/[\w+=,.@/-]+")
_DEPTH = 8
_NOT_PASSING = frozenset(("sts", "iam", "signin", "sso", "resource-groups", "tag", "accessanalyzer"))
"""Services whose calls name roles without giving them to a service."""
_PASSED_TO = {"ecs": "ecs-tasks", "autoscaling": "ec2", "imagebuilder": "ec2", "emr": "elasticmapreduce"}
"""Service that is called → the service that gets the role, where they differ."""


class PassedRole(NamedTuple):
    """The ARN of a role, or of the instance profile that has it, and the service that gets it (iam:PassedToService)."""

    arn: str
    service: str


@lru_cache(maxsize=8192)
def may_pass_a_role(call: str) -> bool:
    """Whether a call of this name (`lambda:CreateFunction`) can pass a role at all."""
    if call == "iam:AddRoleToInstanceProfile":
        return True
    action = action_of_call(call)
    return action.partition(":")[0] not in _NOT_PASSING and access_level(action) not in ("Read", "List")


def passed_roles(call: str, parameters: Mapping[str, Any], partition: str, account: str) -> tuple[PassedRole, ...]:
    """The roles in the parameters of a call, under names that say that they are one."""
    if not may_pass_a_role(call):
        return ()
    if call == "iam:AddRoleToInstanceProfile":
        name = parameters.get("roleName")
        if not isinstance(name, str) or not name:
            return ()
        return (PassedRole(f"arn:{partition}:iam::{account}:role/{name}", "ec2.amazonaws.com"),)
    service = call.partition(":")[0]
    to = f"{_PASSED_TO.get(service, service)}.amazonaws.com"
    found = dict.fromkeys(_found(parameters, False, _DEPTH))
    if service == "ec2":
        profile = parameters.get("iamInstanceProfile")
        name = profile.get("name") if isinstance(profile, dict) else None
        if isinstance(name, str) and name:
            found[f"arn:{partition}:iam::{account}:instance-profile/{name}"] = None
    return tuple(PassedRole(arn, to) for arn in found)


def _found(value: Any, is_role: bool, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if is_role and _ROLE.fullmatch(value):
            yield value
    elif depth and isinstance(value, dict):
        for name, each in value.items():
            low = name.lower()
            yield from _found(each, "role" in low or "instanceprofile" in low or (is_role and low == "arn"), depth - 1)
    elif depth and isinstance(value, list):
        for each in value:
            yield from _found(each, is_role, depth - 1)
