"""Every access-changing operation and what translates it; one line each."""

from __future__ import annotations

from collections.abc import Callable

from domain.events import Body
from domain.events import principals as q
from domain.observed.cloudtrail import iam, organizations, resources
from domain.observed.cloudtrail.record import Record

Translator = Callable[[Record], list[Body]]

IAM: dict[str, Translator] = {
    "CreateUser": iam.create_user,
    "UpdateUser": iam.rename("user", q.UserRenamed),
    "DeleteUser": iam.delete("user", q.UserDeleted),
    "CreateGroup": iam.create_group,
    "UpdateGroup": iam.rename("group", q.GroupRenamed),
    "DeleteGroup": iam.delete("group", q.GroupDeleted),
    "CreateRole": iam.create_role,
    "CreateServiceLinkedRole": iam.create_service_linked_role,
    "AcquireRole": iam.acquire_role,
    "UpdateRole": iam.update_role,
    "UpdateRoleDescription": iam.update_role,
    "UpdateAssumeRolePolicy": iam.update_assume_role_policy,
    "DeleteRole": iam.delete("role", q.RoleDeleted),
    "DeleteServiceLinkedRole": iam.delete("role", q.RoleDeleted),
    "CreateInstanceProfile": iam.create_instance_profile,
    "DeleteInstanceProfile": iam.delete("instance-profile", q.InstanceProfileDeleted),
    "AddRoleToInstanceProfile": iam.add_role_to_instance_profile,
    "RemoveRoleFromInstanceProfile": iam.remove_role_from_instance_profile,
    "AddUserToGroup": iam.add_user_to_group,
    "RemoveUserFromGroup": iam.remove_user_from_group,
    "AttachUserPolicy": iam.attach("user"),
    "AttachGroupPolicy": iam.attach("group"),
    "AttachRolePolicy": iam.attach("role"),
    "DetachUserPolicy": iam.detach("user"),
    "DetachGroupPolicy": iam.detach("group"),
    "DetachRolePolicy": iam.detach("role"),
    "PutUserPolicy": iam.put_inline("user"),
    "PutGroupPolicy": iam.put_inline("group"),
    "PutRolePolicy": iam.put_inline("role"),
    "DeleteUserPolicy": iam.delete_inline("user"),
    "DeleteGroupPolicy": iam.delete_inline("group"),
    "DeleteRolePolicy": iam.delete_inline("role"),
    "PutUserPermissionsBoundary": iam.put_boundary("user"),
    "PutRolePermissionsBoundary": iam.put_boundary("role"),
    "DeleteUserPermissionsBoundary": iam.delete_boundary("user"),
    "DeleteRolePermissionsBoundary": iam.delete_boundary("role"),
    "CreatePolicy": iam.create_policy,
    "CreatePolicyVersion": iam.create_policy_version,
    "DeletePolicyVersion": iam.delete_policy_version,
    "SetDefaultPolicyVersion": iam.set_default_policy_version,
    "DeletePolicy": iam.delete_policy,
    "TagUser": iam.tag("user"),
    "TagRole": iam.tag("role"),
    "TagPolicy": iam.tag("policy"),
    "TagInstanceProfile": iam.tag("instance-profile"),
    "UntagUser": iam.untag("user"),
    "UntagRole": iam.untag("role"),
    "UntagPolicy": iam.untag("policy"),
    "UntagInstanceProfile": iam.untag("instance-profile"),
    "CreateAccessKey": iam.create_access_key,
    "UpdateAccessKey": iam.update_access_key,
    "DeleteAccessKey": iam.delete_access_key,
    "CreateLoginProfile": iam.create_login_profile,
    "UpdateLoginProfile": iam.update_login_profile,
    "ChangePassword": iam.update_login_profile,
    "DeleteLoginProfile": iam.delete_login_profile,
    "EnableMFADevice": iam.enable_mfa_device,
    "DeactivateMFADevice": iam.deactivate_mfa_device,
    "ResyncMFADevice": iam.enable_mfa_device,
    "CreateVirtualMFADevice": iam.put_setting("virtual-mfa-device", "virtualMFADeviceName", "serialNumber"),
    "DeleteVirtualMFADevice": iam.remove_setting("virtual-mfa-device", "serialNumber"),
    "TagMFADevice": iam.put_setting("virtual-mfa-device-tags", "serialNumber"),
    "UntagMFADevice": iam.put_setting("virtual-mfa-device-tags", "serialNumber"),
    "CreateSAMLProvider": iam.put_setting("saml-provider", "sAMLProviderArn", "name"),
    "UpdateSAMLProvider": iam.put_setting("saml-provider", "sAMLProviderArn"),
    "DeleteSAMLProvider": iam.remove_setting("saml-provider", "sAMLProviderArn"),
    "TagSAMLProvider": iam.put_setting("saml-provider-tags", "sAMLProviderArn"),
    "UntagSAMLProvider": iam.put_setting("saml-provider-tags", "sAMLProviderArn"),
    "CreateOpenIDConnectProvider": iam.put_setting("oidc-provider", "openIDConnectProviderArn", "url"),
    "UpdateOpenIDConnectProviderThumbprint": iam.put_setting("oidc-provider", "openIDConnectProviderArn"),
    "AddClientIDToOpenIDConnectProvider": iam.put_setting("oidc-client", "openIDConnectProviderArn"),
    "RemoveClientIDFromOpenIDConnectProvider": iam.remove_setting("oidc-client", "openIDConnectProviderArn"),
    "DeleteOpenIDConnectProvider": iam.remove_setting("oidc-provider", "openIDConnectProviderArn"),
    "TagOpenIDConnectProvider": iam.put_setting("oidc-provider-tags", "openIDConnectProviderArn"),
    "UntagOpenIDConnectProvider": iam.put_setting("oidc-provider-tags", "openIDConnectProviderArn"),
    "UploadServerCertificate": iam.put_setting("server-certificate", "serverCertificateName"),
    "UpdateServerCertificate": iam.put_setting("server-certificate", "serverCertificateName"),
    "DeleteServerCertificate": iam.remove_setting("server-certificate", "serverCertificateName"),
    "TagServerCertificate": iam.put_setting("server-certificate-tags", "serverCertificateName"),
    "UntagServerCertificate": iam.put_setting("server-certificate-tags", "serverCertificateName"),
    "UploadSigningCertificate": iam.put_setting("signing-certificate", "certificateId"),
    "UpdateSigningCertificate": iam.put_setting("signing-certificate", "certificateId"),
    "DeleteSigningCertificate": iam.remove_setting("signing-certificate", "certificateId"),
    "UploadSSHPublicKey": iam.put_setting("ssh-public-key", "sSHPublicKeyId"),
    "UpdateSSHPublicKey": iam.put_setting("ssh-public-key", "sSHPublicKeyId"),
    "DeleteSSHPublicKey": iam.remove_setting("ssh-public-key", "sSHPublicKeyId"),
    "CreateServiceSpecificCredential": iam.put_setting("service-credential", "serviceSpecificCredentialId"),
    "UpdateServiceSpecificCredential": iam.put_setting("service-credential", "serviceSpecificCredentialId"),
    "ResetServiceSpecificCredential": iam.put_setting("service-credential", "serviceSpecificCredentialId"),
    "DeleteServiceSpecificCredential": iam.remove_setting("service-credential", "serviceSpecificCredentialId"),
    "CreateAccountAlias": iam.put_setting("account-alias", "accountAlias"),
    "DeleteAccountAlias": iam.remove_setting("account-alias", "accountAlias"),
    "PutAccountProperties": iam.put_setting("account-properties"),
    "UpdateAccountPasswordPolicy": iam.put_setting("password-policy"),
    "DeleteAccountPasswordPolicy": iam.remove_setting("password-policy"),
    "SetSecurityTokenServicePreferences": iam.put_setting("sts-preferences"),
    "EnableOrganizationsRootCredentialsManagement": iam.put_setting("root-credentials-management"),
    "DisableOrganizationsRootCredentialsManagement": iam.remove_setting("root-credentials-management"),
    "EnableOrganizationsRootSessions": iam.put_setting("root-sessions"),
    "DisableOrganizationsRootSessions": iam.remove_setting("root-sessions"),
    "EnableOutboundWebIdentityFederation": iam.put_setting("outbound-federation"),
    "DisableOutboundWebIdentityFederation": iam.remove_setting("outbound-federation"),
    "CreateDelegationRequest": iam.put_setting("delegation-request", "delegationRequestId"),
    "AssociateDelegationRequest": iam.put_setting("delegation-request", "delegationRequestId"),
    "UpdateDelegationRequest": iam.put_setting("delegation-request", "delegationRequestId"),
    "AcceptDelegationRequest": iam.put_setting("delegation-request", "delegationRequestId"),
    "SendDelegationToken": iam.put_setting("delegation-request", "delegationRequestId"),
    "RejectDelegationRequest": iam.remove_setting("delegation-request", "delegationRequestId"),
}

ORGANIZATIONS: dict[str, Translator] = {
    "CreateOrganization": organizations.create_organization,
    "DeleteOrganization": organizations.delete_organization,
    "CreateOrganizationalUnit": organizations.create_unit,
    "UpdateOrganizationalUnit": organizations.update_unit,
    "DeleteOrganizationalUnit": organizations.delete_unit,
    "MoveAccount": organizations.move_account,
    "CreateAccount": organizations.account_created,
    "CreateGovCloudAccount": organizations.account_created,
    "CreateAccountResult": organizations.account_created,
    "AcceptHandshake": organizations.handshake_accepted,
    "RemoveAccountFromOrganization": organizations.account_left,
    "LeaveOrganization": organizations.account_left,
    "CloseAccount": organizations.account_left,
    "CreatePolicy": organizations.create_policy,
    "UpdatePolicy": organizations.update_policy,
    "DeletePolicy": organizations.delete_policy,
    "AttachPolicy": organizations.attach_policy,
    "DetachPolicy": organizations.detach_policy,
    "EnablePolicyType": organizations.enable_policy_type,
    "DisablePolicyType": organizations.disable_policy_type,
    "EnableAllFeatures": iam.put_setting("organization-features"),
    "PutResourcePolicy": iam.put_setting("organization-delegation-policy"),
    "DeleteResourcePolicy": iam.remove_setting("organization-delegation-policy"),
    "RegisterDelegatedAdministrator": iam.put_setting("delegated-administrator", "accountId"),
    "DeregisterDelegatedAdministrator": iam.remove_setting("delegated-administrator", "accountId"),
    "EnableAWSServiceAccess": iam.put_setting("trusted-service", "servicePrincipal"),
    "DisableAWSServiceAccess": iam.remove_setting("trusted-service", "servicePrincipal"),
    "TagResource": iam.put_setting("organization-tags", "resourceId"),
    "UntagResource": iam.put_setting("organization-tags", "resourceId"),
}

_bucket = resources.named("s3", "bucketName")
_secret = resources.named("secretsmanager", "secretId", "secret:")
_repository = resources.named("ecr", "repositoryName", "repository/")
_topic = resources.named("sns", "topicArn")
_vault = resources.named("glacier", "vaultName", "vaults/")
_stream = resources.named("kinesis", "resourceARN")
_table = resources.named("dynamodb", "resourceArn")
_bus = resources.named("events", "eventBusName", "event-bus/")
_domain = resources.named("es", "domainName", "domain/")
_log_group = resources.named("logs", "resourceArn")
_endpoint = resources.named("ec2", "vpcEndpointId", "vpc-endpoint/")
_file_system = resources.named("elasticfilesystem", "fileSystemId", "file-system/")
_access_point = resources.named("s3", "name", "accesspoint/")

OTHER_SERVICES: dict[tuple[str, str], Translator] = {
    ("s3", "PutBucketPolicy"): resources.put(_bucket, "bucketPolicy"),
    ("s3", "DeleteBucketPolicy"): resources.delete(_bucket),
    ("s3", "DeleteBucket"): resources.delete(_bucket),
    ("s3", "PutAccessPointPolicy"): resources.put(_access_point, "policy"),
    ("s3", "DeleteAccessPointPolicy"): resources.delete(_access_point),
    ("kms", "PutKeyPolicy"): resources.put(resources.key, "policy"),
    ("kms", "CreateGrant"): resources.create_grant,
    ("kms", "RetireGrant"): resources.retire_grant,
    ("kms", "RevokeGrant"): resources.retire_grant,
    ("secretsmanager", "PutResourcePolicy"): resources.put(_secret, "resourcePolicy"),
    ("secretsmanager", "DeleteResourcePolicy"): resources.delete(_secret),
    ("ecr", "SetRepositoryPolicy"): resources.put(_repository, "policyText"),
    ("ecr", "DeleteRepositoryPolicy"): resources.delete(_repository),
    ("lambda", "AddPermission"): resources.add_lambda_permission,
    ("lambda", "RemovePermission"): resources.remove_lambda_permission,
    ("lambda", "DeleteFunction"): resources.delete(resources.function),
    ("sns", "SetTopicAttributes"): resources.put_attribute(_topic, "Policy"),
    ("sns", "AddPermission"): resources.add_labelled_permission(_topic, "sns"),
    ("sns", "RemovePermission"): resources.remove_labelled_permission(_topic),
    ("sqs", "SetQueueAttributes"): resources.put_attribute(resources.queue, "Policy"),
    ("sqs", "AddPermission"): resources.add_labelled_permission(resources.queue, "sqs"),
    ("sqs", "RemovePermission"): resources.remove_labelled_permission(resources.queue),
    ("glacier", "SetVaultAccessPolicy"): resources.put(_vault, "policy"),
    ("glacier", "DeleteVaultAccessPolicy"): resources.delete(_vault),
    ("kinesis", "PutResourcePolicy"): resources.put(_stream, "policy"),
    ("kinesis", "DeleteResourcePolicy"): resources.delete(_stream),
    ("dynamodb", "PutResourcePolicy"): resources.put(_table, "policy"),
    ("dynamodb", "DeleteResourcePolicy"): resources.delete(_table),
    ("events", "PutPermission"): resources.put(_bus, "policy"),
    ("es", "UpdateDomainConfig"): resources.put(_domain, "accessPolicies"),
    ("logs", "PutResourcePolicy"): resources.put(_log_group, "policyDocument"),
    ("ec2", "ModifyVpcEndpoint"): resources.put(_endpoint, "policyDocument"),
    ("elasticfilesystem", "PutFileSystemPolicy"): resources.put(_file_system, "policy"),
    ("elasticfilesystem", "DeleteFileSystemPolicy"): resources.delete(_file_system),
    ("rolesanywhere", "CreateTrustAnchor"): iam.put_setting("trust-anchor", "trustAnchorId", "name"),
    ("rolesanywhere", "UpdateTrustAnchor"): iam.put_setting("trust-anchor", "trustAnchorId"),
    ("rolesanywhere", "DeleteTrustAnchor"): iam.remove_setting("trust-anchor", "trustAnchorId"),
    ("rolesanywhere", "CreateProfile"): iam.put_setting("rolesanywhere-profile", "profileId", "name"),
    ("rolesanywhere", "UpdateProfile"): iam.put_setting("rolesanywhere-profile", "profileId"),
    ("rolesanywhere", "DeleteProfile"): iam.remove_setting("rolesanywhere-profile", "profileId"),
    ("sso", "CreateAccountAssignment"): organizations.create_assignment,
    ("sso", "DeleteAccountAssignment"): organizations.delete_assignment,
}

OPERATIONS: dict[tuple[str, str], Translator] = {
    **{("iam", name): translator for name, translator in IAM.items()},
    **{("organizations", name): translator for name, translator in ORGANIZATIONS.items()},
    **OTHER_SERVICES,
}
"""(service, operation without its API version) → translator."""

ACCESS_SERVICES = frozenset(
    (
        "iam",
        "organizations",
        "sso",
        "sso-admin",
        "identitystore",
        "rolesanywhere",
        "ram",
        "verifiedpermissions",
    )
)
"""Services all of whose writes change access: one that is not translated is reported, never filed as activity."""

ACCESS_PATTERNS = (
    "ResourcePolicy", "AddPermission", "RemovePermission", "PutPermission", "SetRepositoryPolicy", "PutKeyPolicy",
    "CreateGrant", "RevokeGrant", "RetireGrant", "BucketPolicy", "BucketAcl", "ObjectAcl", "AccessPolicy",
    "AccessPointPolicy", "PutPublicAccessBlock", "ModifySnapshotAttribute", "ModifyImageAttribute",
    "ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute", "PutPolicy", "FileSystemPolicy",
    "DataLakePermissions", "GrantPermissions", "RevokePermissions", "BatchGrantPermissions", "ShareDirectory",
)  # fmt: skip
"""Parts of operation names, of any service, that change who may reach a resource."""
