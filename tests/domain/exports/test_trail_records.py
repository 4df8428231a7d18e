"""What was commanded here, as CloudTrail's records: translated again, each is the event that it was made of."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from erstwhile.domain.events import TYPE_NAMES, Body
from erstwhile.domain.events import account as a
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events import watches as w
from erstwhile.domain.exports.trail.calls import _CALLS
from erstwhile.domain.exports.trail.records import written_record
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import translate
from erstwhile.domain.vocabulary.identifiers import Ref

ACCOUNT = "111122223333"
ADA = Ref("user", "ada")
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team/read"
OF_POLICY: dict[str, Any] = {"subject": Ref("policy", "read"), "arn": POLICY}


def created(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"subject": Ref(kind, name, "AIDA1"), "arn": f"arn:aws:iam::{ACCOUNT}:{kind}/team/{name}", "path": "/team/",
            "created_at": "2026-03-03T14:02:11Z", **more}  # fmt: skip


BODIES: list[Body | tuple[Body, str]] = [
    q.UserCreated(**created("user", "ada", tags={"team": "x", "y": ""}), boundary=POLICY),
    q.GroupCreated(**created("group", "admins")),
    q.RoleCreated(**created("role", "deploy", tags={"team": "x"}), trust_policy=DOCUMENT, boundary=POLICY,
                  description="deploys", max_session_duration=7200),
    q.RoleCreated(**created("role", "AWSServiceRoleForX"), trust_policy=DOCUMENT, description="of x",
                  service_linked="x.amazonaws.com"),
    q.InstanceProfileCreated(**created("instance-profile", "web")),
    q.UserRenamed(subject=ADA, new_name="eve"), q.UserRenamed(subject=ADA, new_path="/new/"),
    q.GroupRenamed(subject=Ref("group", "admins"), new_name="b"),
    q.RoleUpdated(subject=Ref("role", "deploy"), description="", max_session_duration=3600),
    (q.RoleUpdated(subject=Ref("role", "deploy"), description="x"), "iam:UpdateRoleDescription"),
    q.TrustPolicyUpdated(subject=Ref("role", "deploy"), document=DOCUMENT),
    q.UserDeleted(subject=ADA), q.GroupDeleted(subject=Ref("group", "admins")),
    q.RoleDeleted(subject=Ref("role", "deploy")),
    (q.RoleDeleted(subject=Ref("role", "AWSServiceRoleForX")), "iam:DeleteServiceLinkedRole"),
    q.InstanceProfileDeleted(subject=Ref("instance-profile", "web")),
    q.GroupMemberAdded(subject=ADA, group=Ref("group", "admins")),
    q.GroupMemberRemoved(subject=ADA, group=Ref("group", "admins")),
    q.RoleAddedToInstanceProfile(subject=Ref("instance-profile", "web"), role=Ref("role", "deploy")),
    q.RoleRemovedFromInstanceProfile(subject=Ref("instance-profile", "web"), role=Ref("role", "deploy")),
    *(q.Tagged(subject=Ref(kind, "x"), tags={"a": "b"}) for kind in ("user", "role", "policy", "instance-profile")),
    *(q.Untagged(subject=Ref(kind, "x"), keys=["a"]) for kind in ("user", "role", "policy", "instance-profile")),
    p.PolicyCreated(subject=Ref("policy", "read", "ANPA1"), arn=POLICY, path="/team/", document=DOCUMENT,
                    description="reads", tags={"a": "b"}),
    p.PolicyVersionCreated(**OF_POLICY, version_id="v2", document=DOCUMENT, is_default=True),
    p.PolicyVersionCreated(**OF_POLICY, version_id="v3", document=DOCUMENT, is_default=False),
    p.PolicyVersionDeleted(**OF_POLICY, version_id="v1"), p.DefaultPolicyVersionSet(**OF_POLICY, version_id="v3"),
    p.PolicyDeleted(**OF_POLICY),
    *(made(subject=Ref(kind, "x"), policy_arn=POLICY)
      for kind in ("user", "group", "role") for made in (p.PolicyAttached, p.PolicyDetached)),
    *(p.InlinePolicyPut(subject=Ref(kind, "x"), policy_name="in", document=DOCUMENT)
      for kind in ("user", "group", "role")),
    *(p.InlinePolicyDeleted(subject=Ref(kind, "x"), policy_name="in") for kind in ("user", "group", "role")),
    *(p.PermissionsBoundarySet(subject=Ref(kind, "x"), policy_arn=POLICY) for kind in ("user", "role")),
    *(p.PermissionsBoundaryRemoved(subject=Ref(kind, "x")) for kind in ("user", "role")),
    c.AccessKeyCreated(subject=ADA, access_key_id="AKIA2"),
    c.AccessKeyStatusChanged(subject=ADA, access_key_id="AKIA2", status="Inactive"),
    c.AccessKeyDeleted(subject=ADA, access_key_id="AKIA2"),
    c.LoginProfileCreated(subject=ADA, password_reset_required=True), c.LoginProfileUpdated(subject=ADA),
    (c.LoginProfileUpdated(subject=ADA), "iam:ChangePassword"), c.LoginProfileDeleted(subject=ADA),
    c.MfaDeviceEnabled(subject=ADA, serial_number="arn:aws:iam::111122223333:mfa/ada"),
    (c.MfaDeviceEnabled(subject=ADA, serial_number="m"), "iam:ResyncMFADevice"),
    c.MfaDeviceDeactivated(subject=ADA, serial_number="m"),
    *(c.CredentialPut(subject=ADA, kind=kind, credential_id="X1")
      for kind in ("signing-certificate", "ssh-public-key", "service-credential")),
    (c.CredentialPut(subject=ADA, kind="ssh-public-key", credential_id="X1", status="Inactive"),
     "iam:UpdateSSHPublicKey"),
    *(c.CredentialRemoved(subject=ADA, kind=kind, credential_id="X1")
      for kind in ("signing-certificate", "ssh-public-key", "service-credential")),
    *(a.SettingPut(category=category, name="n1", attributes={"x": "y"}) for category in (
        "virtual-mfa-device", "virtual-mfa-device-tags", "saml-provider", "oidc-provider", "oidc-client",
        "server-certificate", "account-alias")),
    a.SettingPut(category="password-policy", name="account", attributes={"minimumPasswordLength": "14"}),
    (a.SettingPut(category="saml-provider", name="n1"), "iam:UpdateSAMLProvider"),
    *(a.SettingRemoved(category=category, name="n1") for category in (
        "virtual-mfa-device", "saml-provider", "oidc-provider", "oidc-client", "server-certificate", "account-alias")),
    a.SettingRemoved(category="password-policy", name="account"),
    o.GuardrailPut(policy="p-1", policy_type="SERVICE_CONTROL_POLICY", name="deny", document=DOCUMENT),
    (o.GuardrailPut(policy="p-1", policy_type="SERVICE_CONTROL_POLICY", name="deny", document=DOCUMENT),
     "organizations:UpdatePolicy"),
    o.GuardrailDeleted(policy="p-1"), o.GuardrailAttached(policy="p-1", target="r-1"),
    o.GuardrailDetached(policy="p-1", target="r-1"),
    o.GuardrailTypeEnabled(root="r-1", policy_type="SERVICE_CONTROL_POLICY"),
    o.GuardrailTypeDisabled(root="r-1", policy_type="SERVICE_CONTROL_POLICY"),
    a.ChangeFailed(operation="iam:CreateUser", error_code="EntityAlreadyExists", message="there is one"),
]  # fmt: skip


def told(body: Body, action: str = "", **actor: Any) -> dict[str, Any]:
    """The event as the trail tells it."""
    whole = {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "id": "AIDA1", "type": "IAMUser", "access_key": "AKIA1",
             "mfa": None}  # fmt: skip
    return {
        "position": 7, "event_id": "e1", "occurred_at": "2026-03-03T14:02:11.5Z", "account": ACCOUNT,
        "recorded_at": "2026-03-03T14:02:11.5Z", "actor": whole | actor, "session": "", "source_ip": "203.0.113.9",
        "user_agent": "x", "action": action, "event": TYPE_NAMES[type(body)], "source": "api", "request_id": "r1",
        "body": msgspec.to_builtins(body), "evidence": "", "outcome": "success", "error_code": "", "targets": [],
    }  # fmt: skip


@pytest.mark.parametrize("made", BODIES, ids=lambda made: type(made[0] if isinstance(made, tuple) else made).__name__)
def test_a_record_means_the_event_that_it_was_written_of(made: Body | tuple[Body, str]) -> None:
    body, action = made if isinstance(made, tuple) else (made, "")
    record = written_record([told(body, action)])
    assert record is not None
    if action:
        assert f"{record['eventSource'].partition('.')[0]}:{record['eventName']}" == action
    assert translate(Record(record)).bodies == (body,)


def test_every_call_has_its_sample() -> None:
    bodies = [made[0] if isinstance(made, tuple) else made for made in BODIES]
    assert set(_CALLS) - {type(body) for body in bodies} == {a.SessionIssued, a.CommandRefused}


def test_the_caller_is_the_caller() -> None:
    record = written_record([told(q.UserDeleted(subject=Ref("user", "eve")))])
    assert record is not None
    read = Record(record)
    assert (read.caller_arn, read.caller_id, read.mfa) == (f"arn:aws:iam::{ACCOUNT}:user/ada", "AIDA1", None)
    assert record["eventTime"] == "2026-03-03T14:02:11.5Z" and record["requestID"] == "r1"
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
    session: dict[str, Any] = {"arn": arn, "id": "AROA1", "type": "AssumedRole", "mfa": True}
    record = written_record([told(q.UserDeleted(subject=ADA), **session) | {"session": "ci"}])
    assert record is not None
    read = Record(record)
    assert (read.caller_arn, read.session, read.mfa) == (f"arn:aws:iam::{ACCOUNT}:role/deploy", "ci", True)
    assert read.caller_id == "AROA1" and read.identity["arn"] == session["arn"]
    root: dict[str, Any] = {"arn": f"arn:aws:iam::{ACCOUNT}:root", "id": ACCOUNT, "type": "Root"}
    record = written_record([told(c.AccessKeyCreated(subject=Ref("root", "root", ACCOUNT), access_key_id="A"), **root)])
    assert record is not None and record["requestParameters"] is None
    assert translate(Record(record)).bodies[0] == c.AccessKeyCreated(
        subject=Ref("root", "root", ACCOUNT), access_key_id="A"
    )


def test_a_refusal_is_a_failed_call() -> None:
    body = a.CommandRefused(command="CreateUser", error_code="AccessDenied", message="no")
    record = written_record([told(body, "iam:CreateUser")])
    assert record is not None
    assert (record["errorCode"], record["errorMessage"], record["responseElements"]) == ("AccessDenied", "no", None)
    [failed] = translate(Record(record)).bodies
    assert isinstance(failed, a.ChangeFailed) and failed.operation == "iam:CreateUser"


def test_a_session_is_an_assumed_role() -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
    body = a.SessionIssued(
        subject=Ref("role", "deploy", "AROA1"), arn=arn, access_key_id="ASIA1", expires_at="2026-03-03T15:02:11Z"
    )
    record = written_record([told(body, "sts:AssumeRole")])
    assert record is not None
    assert record["requestParameters"] == {
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "roleSessionName": "ci",
    }  # fmt: skip
    assert record["responseElements"]["assumedRoleUser"] == {"arn": arn, "assumedRoleId": "AROA1:ci"}


def test_what_no_call_makes_has_no_record() -> None:
    registered = told(a.AccountRegistered(mode="governed"))
    removed = told(w.WatchRemoved(name="payroll"), "erstwhile:RemoveWatch")
    assert written_record([registered]) is None and written_record([removed]) is None
    assert written_record([told(q.UserDeleted(subject=ADA)) | {"source": "snapshot"}]) is None
