"""Which permissions each operation needs: allowed with exactly these, refused with each one missing, refused by a deny
on the path of each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.aws.access.permissions import FREE, require_all
from erstwhile.api.aws.access.required_permissions import needs_of
from erstwhile.api.aws.documentation.operations_table import offered
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.sessions.session import Session
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events import account as a
from erstwhile.domain.events import credentials as k
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.documents import FULL
from tests.support.given import ACCOUNT, arn, directory_of, group, policy, role, user

TRUST = orjson.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"}}).decode()
MFA, SAML, OIDC = arn("mfa/phones/ada"), arn("saml-provider/idp"), arn("oidc-provider/idp.example.com/a")
USER, GROUP, ROLE, POLICY = (
    arn("user/people/ada"),
    arn("group/teams/ops"),
    arn("role/apps/web"),
    arn("policy/shared/read"),
)
PROFILE, CERTIFICATE, ME = arn("instance-profile/apps/web"), arn("server-certificate/web/site"), arn("user/staff/me")
LINKED = arn("role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport")
WORLD: list[Body] = [
    q.UserCreated(subject=user("ada"), path="/people/", arn=USER),
    q.UserCreated(subject=user("me"), path="/staff/", arn=ME),
    k.AccessKeyCreated(subject=user("ada"), access_key_id="AKIAADA"),
    q.GroupCreated(subject=group("ops"), path="/teams/", arn=GROUP),
    q.RoleCreated(subject=role("web"), path="/apps/", arn=ROLE, trust_policy=TRUST),
    p.PolicyCreated(subject=policy("read"), path="/shared/", arn=POLICY, document=FULL),
    q.InstanceProfileCreated(subject=Ref("instance-profile", "web", "AIPAWEB"), path="/apps/", arn=PROFILE),
    a.SettingPut(category="server-certificate", name="site", attributes={"Path": "/web/"}),
]  # fmt: skip

TAGS = {"Tags": [{"Key": "team", "Value": "blue"}]}
Needs = list[tuple[str, str]]
Row = tuple[str, dict[str, Any], Needs]


def about(resource: str, given: dict[str, Any], *operations: str) -> list[Row]:
    """Operations that need their own action on one resource."""
    return [(each, given, [(f"iam:{each}", resource)]) for each in operations]


U, G, R, N = {"UserName": "ada"}, {"GroupName": "ops"}, {"RoleName": "web"}, {"PolicyName": "inline"}
UP, GP, RP, PA, IP = U | N, G | N, R | N, {"PolicyArn": POLICY}, {"InstanceProfileName": "web"}
SN, SC, SA, OA = (
    {"SerialNumber": MFA},
    {"ServerCertificateName": "site"},
    {"SAMLProviderArn": SAML},
    {"OpenIDConnectProviderArn": OIDC},
)
ROWS: list[Row] = [
    # users
    *about(USER, U | PA, "AttachUserPolicy", "DetachUserPolicy"),
    *about(USER, UP, "DeleteUserPolicy", "GetUserPolicy", "PutUserPolicy"),
    *about(USER, U, "CreateAccessKey", "CreateLoginProfile", "DeactivateMFADevice", "DeleteAccessKey",
           "DeleteLoginProfile",
           "DeleteSSHPublicKey", "DeleteServiceSpecificCredential", "DeleteSigningCertificate", "DeleteUser",
           "DeleteUserPermissionsBoundary", "EnableMFADevice", "GetLoginProfile", "GetSSHPublicKey", "GetUser",
           "ListAccessKeys",
           "ListAttachedUserPolicies", "ListGroupsForUser", "ListMFADevices", "ListSSHPublicKeys",
           "ListServiceSpecificCredentials",
           "ListSigningCertificates", "ListUserPolicies", "ListUserTags", "ResetServiceSpecificCredential",
           "ResyncMFADevice",
           "TagUser", "UntagUser", "UpdateAccessKey", "UpdateLoginProfile", "UpdateSSHPublicKey",
           "UpdateServiceSpecificCredential",
           "UpdateSigningCertificate", "UploadSSHPublicKey", "UploadSigningCertificate"),
    *about(USER, U | SN, "GetMFADevice"),
    *about(USER, U | {"ServiceName": "codecommit.amazonaws.com"}, "CreateServiceSpecificCredential"),
    *about(USER, U | {"PermissionsBoundary": POLICY}, "PutUserPermissionsBoundary"),
    *about(USER, {"AccessKeyId": "AKIAADA"}, "GetAccessKeyLastUsed"),
    *about(ME, {}, "ChangePassword"),
    ("CreateUser", U | TAGS | {"Path": "/new/"}, [("iam:CreateUser", arn("user/new/ada")),
        ("iam:TagUser", arn("user/new/ada"))]),
    ("UpdateUser", U | {"NewUserName": "eve", "NewPath": "/new/"},
     [("iam:UpdateUser", USER), ("iam:UpdateUser", arn("user/new/eve"))]),
    # groups
    *about(GROUP, G | PA, "AttachGroupPolicy", "DetachGroupPolicy"),
    *about(GROUP, GP, "DeleteGroupPolicy", "GetGroupPolicy", "PutGroupPolicy"),
    *about(GROUP, G, "DeleteGroup", "GetGroup", "ListAttachedGroupPolicies", "ListGroupPolicies"),
    *about(GROUP, G | U, "AddUserToGroup", "RemoveUserFromGroup"),
    *about(arn("group/new/x"), {"GroupName": "x", "Path": "/new/"}, "CreateGroup"),
    ("UpdateGroup", G | {"NewGroupName": "dev"}, [("iam:UpdateGroup", GROUP),
        ("iam:UpdateGroup", arn("group/teams/dev"))]),
    # roles
    *about(ROLE, R | PA, "AttachRolePolicy", "DetachRolePolicy"),
    *about(ROLE, RP, "DeleteRolePolicy", "GetRolePolicy", "PutRolePolicy"),
    *about(ROLE, R, "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteServiceLinkedRole", "GetRole",
           "ListAttachedRolePolicies",
           "ListInstanceProfilesForRole", "ListRolePolicies", "ListRoleTags", "TagRole", "UntagRole",
           "UpdateAssumeRolePolicy",
           "UpdateRole", "UpdateRoleDescription"),
    *about(ROLE, R | {"PermissionsBoundary": POLICY}, "PutRolePermissionsBoundary"),
    ("CreateRole", {"RoleName": "x", "Path": "/new/"} | TAGS,
     [("iam:CreateRole", arn("role/new/x")), ("iam:TagRole", arn("role/new/x"))]),
    *about(LINKED, {"AWSServiceName": "support.amazonaws.com"}, "CreateServiceLinkedRole"),
    *about(LINKED, {"DeletionTaskId": "task/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport/x"},
           "GetServiceLinkedRoleDeletionStatus"),
    # instance profiles
    *about(PROFILE, IP, "DeleteInstanceProfile", "GetInstanceProfile", "ListInstanceProfileTags", "TagInstanceProfile",
           "UntagInstanceProfile"),
    *about(PROFILE, IP | R, "RemoveRoleFromInstanceProfile"),
    ("AddRoleToInstanceProfile", IP | R, [("iam:AddRoleToInstanceProfile", PROFILE), ("iam:PassRole", ROLE)]),
    ("CreateInstanceProfile", {"InstanceProfileName": "x"} | TAGS,
     [("iam:CreateInstanceProfile", arn("instance-profile/x")), ("iam:TagInstanceProfile", arn("instance-profile/x"))]),
    # managed policies
    *about(POLICY, PA, "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy", "GetPolicyVersion",
           "ListEntitiesForPolicy",
           "ListPolicyTags", "ListPolicyVersions", "SetDefaultPolicyVersion", "TagPolicy", "UntagPolicy"),
    ("CreatePolicy", {"PolicyName": "x", "Path": "/new/"} | TAGS,
     [("iam:CreatePolicy", arn("policy/new/x")), ("iam:TagPolicy", arn("policy/new/x"))]),
    # providers, devices, certificates
    *about(OIDC, OA, "AddClientIDToOpenIDConnectProvider", "DeleteOpenIDConnectProvider", "GetOpenIDConnectProvider",
           "ListOpenIDConnectProviderTags",
           "RemoveClientIDFromOpenIDConnectProvider", "TagOpenIDConnectProvider", "UntagOpenIDConnectProvider",
           "UpdateOpenIDConnectProviderThumbprint"),
    ("CreateOpenIDConnectProvider", {"Url": "https://idp.example.com/a"} | TAGS,
     [("iam:CreateOpenIDConnectProvider", OIDC), ("iam:TagOpenIDConnectProvider", OIDC)]),
    *about(SAML, SA, "DeleteSAMLProvider", "GetSAMLProvider", "ListSAMLProviderTags", "TagSAMLProvider",
           "UntagSAMLProvider", "UpdateSAMLProvider"),
    ("CreateSAMLProvider", {"Name": "idp"} | TAGS, [("iam:CreateSAMLProvider", SAML), ("iam:TagSAMLProvider", SAML)]),
    *about(MFA, SN, "DeleteVirtualMFADevice", "ListMFADeviceTags", "TagMFADevice", "UntagMFADevice"),
    ("CreateVirtualMFADevice", {"VirtualMFADeviceName": "ada", "Path": "/phones/"} | TAGS,
     [("iam:CreateVirtualMFADevice", MFA), ("iam:TagMFADevice", MFA)]),
    *about(CERTIFICATE, SC, "DeleteServerCertificate", "GetServerCertificate", "ListServerCertificateTags",
           "TagServerCertificate", "UntagServerCertificate"),
    ("UploadServerCertificate", {"ServerCertificateName": "x", "Path": "/web/"} | TAGS,
     [("iam:UploadServerCertificate", arn("server-certificate/web/x")),
      ("iam:TagServerCertificate", arn("server-certificate/web/x"))]),
    ("UpdateServerCertificate", SC | {"NewPath": "/old/"},
     [("iam:UpdateServerCertificate", CERTIFICATE), ("iam:UpdateServerCertificate",
         arn("server-certificate/old/site"))]),
    # listings
    *about(arn("user/"), {}, "ListUsers"), *about(arn("group/"), {}, "ListGroups"),
    *about(arn("role/apps/"), {"PathPrefix": "/apps/"}, "ListRoles"),
    *about(arn("instance-profile/"), {}, "ListInstanceProfiles"),
    *about(arn("server-certificate/"), {}, "ListServerCertificates"),
    *about(arn("mfa/"), {}, "ListVirtualMFADevices"), *about("policy path /", {}, "ListPolicies"),
    *about(arn("saml-provider/*"), {}, "ListSAMLProviders"),
    *about(arn("oidc-provider/*"), {}, "ListOpenIDConnectProviders"),
    # reports, simulations
    *about(USER, {"Arn": USER}, "GenerateServiceLastAccessedDetails"),
    *about(ROLE, {"Arn": ROLE, "ServiceNamespaces": ["s3"]}, "ListPoliciesGrantingServiceAccess"),
    *about(ROLE, {"PolicySourceArn": ROLE}, "SimulatePrincipalPolicy"),
    *about(GROUP, {"PolicySourceArn": GROUP}, "GetContextKeysForPrincipalPolicy"),
    *about(arn("access-report/o-1/r-1"), {"EntityPath": "o-1/r-1"}, "GenerateOrganizationsAccessReport"),
    # the account
    *about("*", {}, "CreateAccountAlias", "DeleteAccountAlias", "DeleteAccountPasswordPolicy",
           "DisableOrganizationsRootCredentialsManagement",
           "DisableOrganizationsRootSessions", "DisableOutboundWebIdentityFederation",
           "EnableOrganizationsRootCredentialsManagement",
           "EnableOrganizationsRootSessions", "EnableOutboundWebIdentityFederation", "GenerateCredentialReport",
           "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy", "GetAccountProperties", "GetAccountSummary",
           "GetContextKeysForCustomPolicy", "GetCredentialReport", "GetOrganizationsAccessReport",
           "GetOutboundWebIdentityFederationInfo",
           "GetServiceLastAccessedDetails", "GetServiceLastAccessedDetailsWithEntities", "ListAccountAliases",
           "ListOrganizationsFeatures",
           "PutAccountProperties", "SetSecurityTokenServicePreferences", "SimulateCustomPolicy",
           "UpdateAccountPasswordPolicy"),
    # sessions
    ("AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "x", "SourceIdentity": "me", "ProvidedContexts": [{}]} | TAGS,
     [("sts:AssumeRole", ROLE), ("sts:TagSession", ROLE), ("sts:SetSourceIdentity", ROLE), ("sts:SetContext", ROLE)]),
    ("GetFederationToken", {"Name": "x"} | TAGS, [(each,
        f"arn:aws:sts::{ACCOUNT}:federated-user/x") for each in ("sts:GetFederationToken", "sts:TagSession")]),
    ("DecodeAuthorizationMessage", {"EncodedMessage": "x"}, [("sts:DecodeAuthorizationMessage", "*")]),
    ("GetWebIdentityToken", {"Audience": ["x"], "SigningAlgorithm": "RS256"} | TAGS,
     [("sts:GetWebIdentityToken", "*"), ("sts:TagGetWebIdentityToken", "*")]),
]  # fmt: skip
BY_THEMSELVES = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", *FREE}
"""A token decides, or an organisation, or nobody."""


def world(*statements: dict[str, Any]) -> Directory:
    document = orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)}).decode()
    inline = [p.InlinePolicyPut(subject=user("me"), policy_name="own", document=document)] if statements else []
    return directory_of(*WORLD, *inline)


def call(operation: str, given: dict[str, Any], directory: Directory, **more: Any) -> Call:
    identity = Identity(account=ACCOUNT, arn=ME, user_id="AIDAME", kind="IAMUser", access_key_id="AKIAME", **more)
    service = "sts" if operation in offered()["sts"] else "iam"
    vault = Vault([b"\1" * 32])
    return Call(
        service=service, operation=operation, given=given, identity=identity, directory=directory, vault=vault,
        keys=None, now=datetime(2026, 4, 1, tzinfo=UTC),  # type: ignore[arg-type]
    )  # fmt: skip


def statement(effect: str, action: str, resource: str) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource if resource.startswith("arn:") else "*"}


def is_allowed(operation: str, given: dict[str, Any], *statements: dict[str, Any]) -> bool:
    try:
        require_all(call(operation, given, world(*statements)))
    except AwsError as error:
        if error.code != "AccessDenied":
            raise
        return False
    return True


def test_every_operation_is_in_the_table() -> None:
    named = [operation for operation, _, _ in ROWS]
    assert len(named) == len(set(named))
    assert set(named) | BY_THEMSELVES == {
        name for of in offered().values() for name, is_offered in of.items() if is_offered
    }


@pytest.mark.parametrize(("operation", "given", "needs"), ROWS, ids=[row[0] for row in ROWS])
def test_each_operation(operation: str, given: dict[str, Any], needs: Needs) -> None:
    assert [(each.action, each.resource) for each in needs_of(call(operation, given, world()))] == needs
    exactly = [statement("Allow", *need) for need in needs]
    assert is_allowed(operation, given, *exactly)
    for missing in needs:
        others = [statement("Allow", *need) for need in needs if need != missing]
        assert not is_allowed(operation, given, *others, statement("Allow", "s3:*", "*")), missing
        action, resource = missing
        path = resource[: resource.rfind("/") + 1] + "*" if "/" in resource else "*"
        everything = statement("Allow", "*", "*")
        assert is_allowed(operation, given, everything)
        assert not is_allowed(operation, given, everything, statement("Deny", action, path)), missing


def test_without_tags_nothing_is_tagged() -> None:
    for operation, given, needs in ROWS:
        bare = {name: value for name, value in given.items() if name != "Tags"}
        actions = [each.action for each in needs_of(call(operation, bare, world()))]
        assert not [each for each in actions if ":Tag" in each and not operation.startswith("Tag")], needs


def test_a_listing_of_all_users_is_not_about_the_caller() -> None:
    [need] = needs_of(call("ListServiceSpecificCredentials", {"AllUsers": True}, world()))
    assert need.resource == arn("user/*")
    [need] = needs_of(call("GetAccessKeyLastUsed", {"AccessKeyId": "AKIANOBODYS"}, world()))
    assert need.resource == arn("user/*")


def test_a_role_that_is_not_there_reads_as_one_that_refuses() -> None:
    words = []
    for name in ("apps/web", "apps/none", "other/web"):
        asked = call(
            "AssumeRole",
            {"RoleArn": arn(f"role/{name}"), "RoleSessionName": "x"},
            world(statement("Allow", "s3:*", "*")),
        )
        with pytest.raises(AwsError) as denied:
            require_all(asked)
        words.append(
            (denied.value.code, denied.value.status, denied.value.sealed, denied.value.message.replace(name, "NAME"))
        )
    assert len(set(words)) == 1
    assert words[0][3] == f"User: {ME} is not authorized to perform: sts:AssumeRole on resource: {arn('role/NAME')}"


def test_what_a_session_hands_on_is_asked_for() -> None:
    session = Session(
        access_key_id="ASIA", secret="", principal=ME, unique_id="AIDAME", issued=0, expires=1, tags={"a": "b"},
        transitive=("a",),
    )  # fmt: skip
    asked = call("AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "x"}, world(), session=session)
    assert [each.action for each in needs_of(asked)] == ["sts:AssumeRole", "sts:TagSession"]
