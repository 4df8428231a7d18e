"""Service-specific credentials: a user's name and password (or key) for a service that does not accept signatures.

No service here checks them. Only one response contains the secret; it is stored sealed, like secrets of access keys.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result
from erstwhile.api.aws.operations import tagged, user_credentials
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.secrets.generated import new_id, new_secret
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.commands.credentials import PutCredential
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

KIND = "service-credential"
PASSWORDS = frozenset(("codecommit.amazonaws.com", "cassandra.amazonaws.com"))
"""Services that require a name and a password; the others require a key.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
"""
KEYS = frozenset(("bedrock.amazonaws.com", "logs.amazonaws.com"))


def _check_service(name: str) -> None:
    if name not in PASSWORDS | KEYS:
        raise AwsError(
            "NotSupportedService", f"No such service {name} is supported for Service Specific Credentials", 404
        )


def create(call: Call) -> Plan:
    service, user = call.given["ServiceName"], call.need("user", call.given["UserName"])
    _check_service(service)
    held = [v for _, v in user_credentials.of_user(user, KIND) if v["attributes"].get("service") == service]
    credential_id = new_id("ACCA", 17)
    attributes = {"service": service, "user_name": f"{user.name}-at-{call.account}", "at": tagged.created(call)}
    if "CredentialAgeDays" in call.given:
        if service in PASSWORDS:
            raise AwsError("InvalidInput", f"CredentialAgeDays is not for credentials of {service}")
        attributes["expires"] = format_instant(call.now + timedelta(days=call.given["CredentialAgeDays"]))
    if held:
        attributes["user_name"] = f"{user.name}+{len(held)}-at-{call.account}"
    secret = new_secret()
    command = user_credentials.put(call, user, KIND, credential_id, attributes)
    return Plan(
        command=command, side_statement=call.keys.insert_statement(credential_id, call.account, user.id, secret),
        answer=_answer(user, credential_id, secret),
    )  # fmt: skip


def _answer(user: Entity, credential_id: str, secret: str) -> Any:
    def answer(directory: Directory) -> Result:
        value = user_credentials.just_put(directory, user, KIND, credential_id)
        is_password = value["attributes"]["service"] in PASSWORDS
        given = {"ServicePassword" if is_password else "ServiceCredentialSecret": secret}
        return {"ServiceSpecificCredential": _metadata(user.name, credential_id, value) | given}

    return answer


def _metadata(user_name: str, credential_id: str, value: dict[str, Any]) -> dict[str, Any]:
    attributes = value["attributes"]
    service = attributes.get("service", "unknown")
    name = "ServiceUserName" if service in PASSWORDS else "ServiceCredentialAlias"
    found = {
        "UserName": user_name, "ServiceSpecificCredentialId": credential_id, "ServiceName": service,
        "Status": value["status"], name: attributes.get("user_name", ""), **user_credentials.at(value, "CreateDate"),
    }  # fmt: skip
    return found | ({"ExpirationDate": parse_instant(attributes["expires"])} if "expires" in attributes else {})


def listing(call: Call) -> Result:
    wanted = call.get("ServiceName")
    if wanted is not None:
        _check_service(wanted)
    if call.get("AllUsers"):
        users = list(call.directory.by_name(call.account, "user").values())
    else:
        users = [call.need("user", call.user_name())]
    found = [
        _metadata(user.name, each, value)
        for user in users
        for each, value in user_credentials.of_user(user, KIND)
        if wanted is None or value["attributes"].get("service") == wanted
    ]
    return page_of(call, found, "ServiceSpecificCredentials", lambda each: each["ServiceSpecificCredentialId"])


def reset(call: Call) -> Plan:
    """Replaces the secret of a credential."""
    user, credential_id = call.need("user", call.user_name()), call.given["ServiceSpecificCredentialId"]
    value = user_credentials.held(user, KIND, credential_id)
    if value is None:
        raise NoSuchEntity(f"The Service Specific Credential with id {credential_id} cannot be found.")
    command = PutCredential(
        account=call.account, user=user.name, kind=KIND, credential_id=credential_id, is_new=False,
        status=value["status"], attributes=value["attributes"] | {"reset": tagged.created(call)},
    )  # fmt: skip
    secret = new_secret()
    side_statement = call.keys.update_statement(credential_id, call.account, user.id, secret)
    return Plan(command=command, side_statement=side_statement, answer=_answer(user, credential_id, secret))


def delete(call: Call) -> Plan:
    plan = user_credentials.delete(KIND, "ServiceSpecificCredentialId", call)
    side_statement = call.keys.delete_statement(call.given["ServiceSpecificCredentialId"])
    return Plan(command=plan.command, side_statement=side_statement)


OPERATIONS: dict[str, Operation] = {
    "CreateServiceSpecificCredential": create,
    "ListServiceSpecificCredentials": listing,
    "UpdateServiceSpecificCredential": partial(user_credentials.update, KIND, "ServiceSpecificCredentialId"),
    "ResetServiceSpecificCredential": reset,
    "DeleteServiceSpecificCredential": delete,
}
