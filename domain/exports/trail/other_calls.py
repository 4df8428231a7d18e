"""Which call makes an event of an organisation, of a session, or of a call that failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.events import account as a
from erstwhile.domain.events import organizations as o
from erstwhile.domain.exports.trail.setting_calls import Call


def given(**members: Any) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}


def of_organization(verb: str, *names: tuple[str, str]) -> Callable[[Any, str, str], Call]:
    return lambda body, *_: Call("organizations", verb, {name: getattr(body, field) for name, field in names}, None)


def guardrail_put(body: o.GuardrailPut, _account: str, action: str) -> Call:
    summary = given(id=body.policy, type=body.policy_type, name=body.name)
    told = given(name=body.name, content=body.document)
    if action == "organizations:UpdatePolicy":
        return Call("organizations", "UpdatePolicy", {"policyId": body.policy, **told},
                    {"policy": {"policySummary": summary}})  # fmt: skip
    asked = told | given(type=body.policy_type)
    return Call("organizations", "CreatePolicy", asked, {"policy": {"policySummary": summary}})


def session_issued(body: a.SessionIssued, _account: str, action: str) -> Call:
    prefix, _, resource = body.arn.rpartition(":")
    role, _, name = resource.rpartition("/")
    asked: dict[str, Any] = {}
    if role.startswith("assumed-role/"):
        asked = {"roleArn": f"{prefix}:role/{body.subject.name}".replace(":sts:", ":iam:"),
                 "roleSessionName": name}  # fmt: skip
    told: dict[str, Any] = {"credentials": {"accessKeyId": body.access_key_id, "expiration": body.expires_at}}
    if asked:
        told["assumedRoleUser"] = {"arn": body.arn, "assumedRoleId": f"{body.subject.id}:{name}"}
    operation = action.partition(":")[2] or ("AssumeRole" if asked else "GetSessionToken")
    return Call("sts", operation, asked, told)


def refused(body: a.CommandRefused, _account: str, action: str) -> Call:
    service, _, operation = action.partition(":")
    return Call(service if operation else "iam", operation or body.command, {}, None, body.error_code, body.message)


def failed(body: a.ChangeFailed, _account: str, _action: str) -> Call:
    service, _, operation = body.operation.partition(":")
    return Call(service, operation, {}, None, body.error_code, body.message)
