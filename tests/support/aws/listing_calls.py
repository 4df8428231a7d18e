"""An account with one of everything while AWS-managed policies are attached, and every call that lists or reads it."""

from __future__ import annotations

from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.support.aws.identity_providers import SamlProvider, pem, self_signed, text_of
from tests.support.aws.server import AwsServer
from tests.support.documents import READ, text

AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
Call = tuple[str, dict[str, Any]]


def populate(aws: AwsServer) -> list[Call]:
    """Makes the account; gives every reading call of IAM about it, as (operation, parameters)."""
    iam = aws.client("iam")
    tags = [{"Key": "team", "Value": "blue"}]
    own = iam.create_policy(PolicyName="own", PolicyDocument=text(READ), Tags=tags)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=text(READ), SetAsDefault=True)
    iam.create_user(UserName="ada", Tags=tags, PermissionsBoundary=AWS_POLICY)
    iam.create_group(GroupName="ops"), iam.add_user_to_group(GroupName="ops", UserName="ada")
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=text(TRUST), Tags=tags, Description="deploys")
    iam.create_instance_profile(InstanceProfileName="box", Tags=tags)
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="deploy")
    for policy in (own, AWS_POLICY):
        iam.attach_user_policy(UserName="ada", PolicyArn=policy)
        iam.attach_group_policy(GroupName="ops", PolicyArn=policy)
        iam.attach_role_policy(RoleName="deploy", PolicyArn=policy)
    iam.put_user_policy(UserName="ada", PolicyName="in", PolicyDocument=text(READ))
    iam.put_group_policy(GroupName="ops", PolicyName="in", PolicyDocument=text(READ))
    iam.put_role_policy(RoleName="deploy", PolicyName="in", PolicyDocument=text(READ))
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName="ada", Password="correct-Horse-7")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ada", Tags=tags)["VirtualMFADevice"]["SerialNumber"]
    tls = ec.generate_private_key(ec.SECP256R1())
    certificate = self_signed(tls, "www.example.com")
    iam.upload_server_certificate(
        ServerCertificateName="www", CertificateBody=text_of(certificate), PrivateKey=pem(tls), Tags=tags
    )
    signing = self_signed(rsa.generate_private_key(65537, 2048), "ada")
    iam.upload_signing_certificate(UserName="ada", CertificateBody=text_of(signing))
    iam.create_service_specific_credential(UserName="ada", ServiceName="codecommit.amazonaws.com")
    oidc = iam.create_open_id_connect_provider(Url="https://idp.example.com", ClientIDList=["app"], Tags=tags)
    saml = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=SamlProvider().metadata, Tags=tags)
    iam.create_account_alias(AccountAlias="erstwhile-tests")
    iam.update_account_password_policy(MinimumPasswordLength=12)
    iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")
    iam.generate_credential_report()
    user, group, role, profile = (
        {"UserName": "ada"},
        {"GroupName": "ops"},
        {"RoleName": "deploy"},
        {"InstanceProfileName": "box"},
    )
    about_oidc = {"OpenIDConnectProviderArn": oidc["OpenIDConnectProviderArn"]}
    about_saml = {"SAMLProviderArn": saml["SAMLProviderArn"]}
    calls: list[Call] = [
        ("ListUsers", {}), ("ListGroups", {}), ("ListRoles", {}), ("ListPolicies", {}), ("ListInstanceProfiles", {}),
        ("ListPolicies", {"Scope": "AWS"}), ("ListPolicies", {"Scope": "Local"}),
        ("ListPolicies", {"OnlyAttached": True}),
        ("ListPolicies", {"PolicyUsageFilter": "PermissionsBoundary"}), ("GetAccountAuthorizationDetails", {}),
        ("GetUser", user), ("GetGroup", group), ("GetRole", role), ("GetInstanceProfile", profile),
        ("ListAccessKeys", user), ("ListAccessKeys", {}), ("GetAccessKeyLastUsed", {"AccessKeyId": key}),
        ("GetLoginProfile", user),
        ("ListGroupsForUser", user), ("ListUserTags", user), ("ListRoleTags", role),
        ("ListInstanceProfileTags", profile),
        ("ListInstanceProfilesForRole", role), ("ListAttachedUserPolicies", user), ("ListAttachedGroupPolicies", group),
        ("ListAttachedRolePolicies", role), ("ListUserPolicies", user), ("ListGroupPolicies", group),
        ("ListRolePolicies", role),
        ("GetUserPolicy", user | {"PolicyName": "in"}), ("GetRolePolicy", role | {"PolicyName": "in"}),
        ("GetGroupPolicy", group | {"PolicyName": "in"}), ("ListMFADevices", user), ("ListVirtualMFADevices", {}),
        ("ListMFADeviceTags", {"SerialNumber": device}), ("ListServerCertificates", {}),
        ("GetServerCertificate", {"ServerCertificateName": "www"}),
        ("ListServerCertificateTags", {"ServerCertificateName": "www"}),
        ("ListSigningCertificates", user), ("ListSSHPublicKeys", user), ("ListServiceSpecificCredentials", user),
        ("ListOpenIDConnectProviders", {}), ("GetOpenIDConnectProvider", about_oidc),
        ("ListOpenIDConnectProviderTags", about_oidc),
        ("ListSAMLProviders", {}), ("GetSAMLProvider", about_saml), ("ListSAMLProviderTags", about_saml),
        ("ListAccountAliases", {}), ("GetAccountPasswordPolicy", {}), ("GetAccountSummary", {}),
        ("GetCredentialReport", {}),
    ]  # fmt: skip
    for policy in (own, AWS_POLICY):
        about = {"PolicyArn": policy}
        calls += [("GetPolicy", about), ("ListPolicyVersions", about), ("ListEntitiesForPolicy", about)]
    calls += [
        ("GetPolicyVersion", {"PolicyArn": AWS_POLICY, "VersionId": "v1"}), ("ListPolicyTags", {"PolicyArn": own}),
        ("GetPolicyVersion", {"PolicyArn": own, "VersionId": "v2"}),
        ("SimulatePrincipalPolicy", {"PolicySourceArn": iam.get_user(UserName="ada")["User"]["Arn"],
                                     "ActionNames": ["iam:GetUser"]}),
    ]  # fmt: skip
    return calls


def as_json(calls: list[Call]) -> str:
    return orjson.dumps(calls).decode()
