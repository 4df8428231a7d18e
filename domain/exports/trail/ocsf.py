"""Events of the trail as events of the Open Cybersecurity Schema Framework: Account Change (3001), Authentication
(3002), Group Management (3006), and API Activity (6003) for all others.

1.9 deprecates Account Change: there, these are API Activity too, which stays.
Sources: https://schema.ocsf.io/1.8.0/classes/account_change, …/authentication, …/group_management, …/api_activity
(required members), …/objects/actor, …/objects/user (one of uid, name, …)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.domain.detections.networks import network_of
from erstwhile.domain.vocabulary.instants import parse_instant

VERSIONS = ("1.8.0", "1.9.0")
_DEPRECATED = {"1.9.0": (3001,)}
_IAM, _APPLICATION = (3, "Identity & Access Management"), (6, "Application Activity")
_OTHER = 99
_AWS_ACCOUNT = 10


class _Kind(NamedTuple):
    """A class of events, and what is done."""

    uid: int
    name: str
    activity: int
    activity_name: str


_ACCOUNT_CHANGES = {
    "iam.UserCreated": (1, "Create"), "iam.UserDeleted": (6, "Delete"),
    "iam.LoginProfileUpdated": (3, "Password Change"), "iam.MfaDeviceEnabled": (10, "MFA Factor Enable"),
    "iam.MfaDeviceDeactivated": (11, "MFA Factor Disable"), "iam.PolicyAttached": (7, "Attach Policy"),
    "iam.PolicyDetached": (8, "Detach Policy"), "iam.CredentialLocked": (9, "Lock"),
}  # fmt: skip
_OF_USERS = (
    "iam.UserRenamed", "iam.AccessKeyCreated", "iam.AccessKeyStatusChanged", "iam.AccessKeyDeleted",
    "iam.LoginProfileCreated", "iam.LoginProfileDeleted", "iam.InlinePolicyPut", "iam.InlinePolicyDeleted",
    "iam.PermissionsBoundarySet", "iam.PermissionsBoundaryRemoved", "iam.CredentialPut", "iam.CredentialRemoved",
)  # fmt: skip
_GROUPS = {
    "iam.GroupMemberAdded": (3, "Add User"), "iam.GroupMemberRemoved": (4, "Remove User"),
    "iam.GroupDeleted": (5, "Delete"), "iam.GroupCreated": (6, "Create"),
}  # fmt: skip
_OF_GROUPS = {"iam.PolicyAttached": (1, "Assign Privileges"), "iam.PolicyDetached": (2, "Revoke Privileges"),
              "iam.InlinePolicyPut": (1, "Assign Privileges"),
              "iam.InlinePolicyDeleted": (2, "Revoke Privileges")}  # fmt: skip
_VERBS = (
    (("Get", "List", "Describe", "Simulate", "Assume", "Decode"), 2, "Read"),
    (("Create", "Upload", "Issue"), 1, "Create"),
    (("Delete", "Remove"), 4, "Delete"),
)


def ocsf_event(event: dict[str, Any], product_version: str, version: str = VERSIONS[0]) -> dict[str, Any]:
    """One event of the trail. `version`: of the schema. Times are milliseconds since 1970 in UTC."""
    kind = _kind(event, version)
    category, category_name = _APPLICATION if kind.uid >= 6000 else _IAM
    is_failure = event["outcome"] in ("failed", "refused")
    found: dict[str, Any] = {
        "activity_id": kind.activity, "activity_name": kind.activity_name, "category_uid": category,
        "category_name": category_name, "class_uid": kind.uid, "class_name": kind.name,
        "type_uid": kind.uid * 100 + kind.activity, "type_name": f"{kind.name}: {kind.activity_name}",
        "time": round(parse_instant(event["occurred_at"]).timestamp() * 1000),
        "severity_id": 1, "severity": "Informational",
        "status_id": 2 if is_failure else 1, "status": "Failure" if is_failure else "Success",
        "metadata": {
            "version": version, "uid": event["event_id"], "sequence": event["position"], "profiles": ["cloud"],
            "logged_time": round(parse_instant(event["recorded_at"]).timestamp() * 1000),
            "product": {"name": "Erstwhile", "vendor_name": "Erstwhile", "version": product_version},
        },
        "cloud": {"provider": "AWS", "account": _account(event["account"])},
        "actor": _actor(event), "api": _api(event), "src_endpoint": _source(event),
        "resources": [{"uid": each} for each in event["targets"]] or [{"uid": event["account"]}],
        "unmapped": {"event": event["event"], "body": event["body"], "evidence": event["evidence"],
                     "outcome": event["outcome"], "source": event["source"]},
    }  # fmt: skip
    if event["error_code"]:
        found["status_code"] = event["error_code"]
    return found | _of_class(kind, event)


def _kind(event: dict[str, Any], version: str) -> _Kind:
    name = event["event"]
    subject = (event["body"].get("subject") or {}).get("kind", "")
    if name == "iam.SignedIn":
        return _Kind(3002, "Authentication", 1, "Logon")
    group = _GROUPS.get(name) or (_OF_GROUPS.get(name) if subject == "group" else None)
    if group is not None:
        return _Kind(3006, "Group Management", *group)
    is_of_user = subject == "user" or name == "iam.CredentialLocked"
    if is_of_user and (name in _ACCOUNT_CHANGES or name in _OF_USERS) and 3001 not in _DEPRECATED.get(version, ()):
        return _Kind(3001, "Account Change", *_ACCOUNT_CHANGES.get(name, (_OTHER, name.partition(".")[2])))
    operation = _operation(event)
    for words, number, verb in _VERBS:
        if operation.startswith(words):
            return _Kind(6003, "API Activity", number, verb)
    return _Kind(6003, "API Activity", 3, "Update")


def _of_class(kind: _Kind, event: dict[str, Any]) -> dict[str, Any]:
    if kind.uid == 3006:
        group = event["body"].get("group") or event["body"]["subject"]
        return {"group": {"name": group["name"]}} | (
            {"user": _user_named(event["body"]["subject"])} if "group" in event["body"] else {}
        )
    if kind.uid == 3001:
        subject = event["body"].get("subject")
        return {"user": _user_named(subject) if subject else {"uid": event["body"]["principal"]}}
    if kind.uid == 3002:
        name = event["body"].get("target") or event["actor"]["arn"] or "unknown"
        return {"user": {"name": name}, "service": {"name": "signin.amazonaws.com"}}
    return {}


def _user_named(subject: dict[str, str]) -> dict[str, Any]:
    return {"name": subject.get("name") or subject["id"]} | ({"uid": subject["id"]} if subject.get("id") else {})


def _account(account: str) -> dict[str, Any]:
    return {"uid": account, "name": account, "type": "AWS Account", "type_id": _AWS_ACCOUNT}


def _operation(event: dict[str, Any]) -> str:
    return str(event["action"].partition(":")[2] or event["action"])


def _api(event: dict[str, Any]) -> dict[str, Any]:
    service, colon, _ = event["action"].partition(":")
    found: dict[str, Any] = {"operation": _operation(event)}
    if colon:
        found["service"] = {"name": service if service == "erstwhile" else f"{service}.amazonaws.com"}
    if event["request_id"]:
        found["request"] = {"uid": event["request_id"]}
    if event["error_code"]:
        found["response"] = {"error": event["error_code"]}
    return found


def _actor(event: dict[str, Any]) -> dict[str, Any]:
    actor = event["actor"]
    user = {"uid": actor["arn"] or actor["id"] or "unknown", "type": actor["type"] or "Unknown",
            "type_id": _OTHER if actor["type"] else 0}  # fmt: skip
    if actor["access_key"]:
        user["credential_uid"] = actor["access_key"]
    session = {"uid": event["session"]} if event["session"] else {}
    if session and actor["mfa"] is not None:
        session["is_mfa"] = actor["mfa"]
    return {"user": user} | ({"session": session} if session else {})


def _source(event: dict[str, Any]) -> dict[str, Any]:
    """A service of AWS that called is recorded by its name."""
    source = event["source_ip"]
    if not source:
        return {"name": "unknown"}
    return {("ip" if network_of(source) else "svc_name"): source}
