"""Passwords, MFA devices, certificates, SSH keys and services' credentials through boto3."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.clients import PASSWORD, boto_without_checks, fails, own
from tests.support.aws.identity_providers import pem, self_signed, text_of
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import allow


def test_passwords_under_the_accounts_policy(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    fails("NoSuchEntity", "Login Profile", iam.get_login_profile, UserName="ada")
    fails("NoSuchEntity", "Login Profile", iam.update_login_profile, UserName="ada", Password=PASSWORD)
    fails("NoSuchEntity", "Login Profile", iam.delete_login_profile, UserName="ada")
    fails("NoSuchEntity", "cannot be found", iam.create_login_profile, UserName="eve", Password=PASSWORD)
    fails("PasswordPolicyViolation", "minimum length of 8", iam.create_login_profile, UserName="ada", Password="Ab1!")
    fails("PasswordPolicyViolation", "at least three", iam.create_login_profile, UserName="ada", Password="abcdefgh1")
    made = iam.create_login_profile(UserName="ada", Password=PASSWORD, PasswordResetRequired=True)["LoginProfile"]
    assert made["UserName"] == "ada" and made["PasswordResetRequired"]
    fails("EntityAlreadyExists", "already exists", iam.create_login_profile, UserName="ada", Password=PASSWORD)
    iam.update_account_password_policy(
        MinimumPasswordLength=12, RequireNumbers=True, RequireSymbols=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, PasswordReusePrevention=2,
    )  # fmt: skip
    for password, missing in (
        ("short-A1", "minimum length of 12"),
        ("no-numbers-Here", "one number"),
        ("NoSymbolsHere11", "one symbol"),
        ("no-uppercase-11", "one uppercase"),
        ("NO-LOWERCASE-11", "one lowercase"),
        (PASSWORD, "used before"),
    ):
        fails("PasswordPolicyViolation", missing, iam.update_login_profile, UserName="ada", Password=password)
    iam.update_login_profile(UserName="ada", Password="another-Horse-8", PasswordResetRequired=False)
    found = iam.get_login_profile(UserName="ada")["LoginProfile"]
    assert not found["PasswordResetRequired"] and found["CreateDate"] == made["CreateDate"]
    ada = own(aws, "ada")
    asked = {"OldPassword": "another-Horse-8", "NewPassword": "yet-another-Horse-9"}
    fails("AccessDenied", "iam:ChangePassword", ada.change_password, **asked)
    iam.update_account_password_policy(MinimumPasswordLength=12, AllowUsersToChangePassword=True)
    fails("AccessDenied", "old password", ada.change_password, **asked | {"OldPassword": "wrong-Horse-1"})
    fails("PasswordPolicyViolation", "minimum", ada.change_password, **asked | {"NewPassword": "x"})
    ada.change_password(**asked)
    fails("AccessDenied", "old password", ada.change_password, **asked)
    fails("InvalidUserType", "Only IAM users", iam.change_password, **asked)
    with pytest.raises(Exception, match=r"'\*\*\*' at 'password'"):
        boto_without_checks(aws).update_login_profile(UserName="ada", Password="p" * 129)
    iam.delete_login_profile(UserName="ada")
    fails("NoSuchEntity", "Login Profile", iam.get_login_profile, UserName="ada")
    with aws.database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM login_password").fetchone() == (0,)
        refused = audit_page(connection, Filters(outcome="refused"), 200, "").entries
    told = {(each["action"], each["error_code"]) for each in refused}
    assert told >= {
        ("iam:CreateLoginProfile", "PasswordPolicyViolation"), ("iam:CreateLoginProfile", "NoSuchEntity"),
        ("iam:ChangePassword", "AccessDenied"), ("iam:ChangePassword", "InvalidUserType"),
    }  # fmt: skip
    assert not any(action.startswith("iam:Get") for action, _ in told)


def test_mfa_devices(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.create_user(UserName="bob")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="ada", Path="/phones/", Tags=[{"Key": "a", "Value": "b"}])
    device = made["VirtualMFADevice"]
    serial = device["SerialNumber"]
    assert serial == f"arn:aws:iam::{ACCOUNT}:mfa/phones/ada"
    assert device["QRCodePNG"].startswith(b"\x89PNG") and len(device["Base32StringSeed"]) == 64
    fails(
        "EntityAlreadyExists",
        "already exists",
        iam.create_virtual_mfa_device,
        VirtualMFADeviceName="ada",
        Path="/phones/",
    )
    assert [
        d["SerialNumber"] for d in iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    ] == [serial]
    clock = pyotp.TOTP(device["Base32StringSeed"].decode())
    step = int(time.time()) // 30
    codes = {"AuthenticationCode1": clock.generate_otp(step - 1), "AuthenticationCode2": clock.generate_otp(step)}
    wrong = codes | {"AuthenticationCode2": clock.generate_otp(step + 5)}
    fails("InvalidAuthenticationCode", "not valid", iam.enable_mfa_device, UserName="ada", SerialNumber=serial, **wrong)
    fails("NoSuchEntity", "does not exist", iam.enable_mfa_device, UserName="ada", SerialNumber=serial + "x", **codes)
    fails("NoSuchEntity", "cannot be found", iam.enable_mfa_device, UserName="eve", SerialNumber=serial, **codes)
    iam.enable_mfa_device(UserName="ada", SerialNumber=serial, **codes)
    fails("InvalidAuthenticationCode", "not valid", iam.enable_mfa_device, UserName="bob", SerialNumber=serial, **codes)
    later = {"AuthenticationCode1": clock.generate_otp(step + 1), "AuthenticationCode2": clock.generate_otp(step + 2)}
    fails("EntityAlreadyExists", "in use", iam.enable_mfa_device, UserName="bob", SerialNumber=serial, **later)
    [found] = iam.list_mfa_devices(UserName="ada")["MFADevices"]
    assert found["SerialNumber"] == serial
    assert iam.get_mfa_device(SerialNumber=serial, UserName="ada")["EnableDate"] == found["EnableDate"]
    fails("NoSuchEntity", "cannot be found", iam.get_mfa_device, SerialNumber=serial, UserName="bob")
    [assigned] = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned["User"]["UserName"] == "ada" and assigned["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.get_account_summary()["SummaryMap"]["MFADevicesInUse"] == 1
    fails("InvalidAuthenticationCode", "not valid", iam.resync_mfa_device, UserName="ada", SerialNumber=serial, **codes)
    iam.resync_mfa_device(UserName="ada", SerialNumber=serial, **later)
    fails("NoSuchEntity", "cannot be found", iam.resync_mfa_device, UserName="bob", SerialNumber=serial, **later)
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["a"])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "c", "Value": "d"}]
    fails("DeleteConflict", "Must deactivate first", iam.delete_virtual_mfa_device, SerialNumber=serial)
    fails("DeleteConflict", "MFA device", iam.delete_user, UserName="ada")
    iam.deactivate_mfa_device(UserName="ada", SerialNumber=serial)
    fails("NoSuchEntity", "cannot be found", iam.deactivate_mfa_device, UserName="ada", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    fails("NoSuchEntity", "does not exist", iam.delete_virtual_mfa_device, SerialNumber=serial)
    fails("NoSuchEntity", "does not exist", iam.list_mfa_device_tags, SerialNumber=serial)
    with aws.database.connect() as connection:
        actions = {each["action"] for each in audit_page(connection, Filters(), 200, "").entries}
    assert {"iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:DeactivateMFADevice"} <= actions


def test_server_certificates(aws: AwsServer) -> None:
    iam = aws.client("iam")
    key = ec.generate_private_key(ec.SECP256R1())
    body = text_of(self_signed(key))
    given = {"ServerCertificateName": "web", "CertificateBody": body, "PrivateKey": pem(key)}
    made = iam.upload_server_certificate(
        **given, Path="/cloudfront/", CertificateChain=body, Tags=[{"Key": "a", "Value": "b"}]
    )
    found = made["ServerCertificateMetadata"]
    assert found["Arn"] == arn("server-certificate/cloudfront/web") and found["ServerCertificateId"].startswith("ASCA")
    assert found["Expiration"] > datetime.now(UTC)
    fails("EntityAlreadyExists", "already exists", iam.upload_server_certificate, **given)
    other = pem(ec.generate_private_key(ec.SECP256R1()))
    more = given | {"ServerCertificateName": "api"}
    fails("KeyPairMismatch", "do not match", iam.upload_server_certificate, **more | {"PrivateKey": other})
    fails(
        "MalformedCertificate",
        "Unable to parse certificate",
        iam.upload_server_certificate,
        **more | {"CertificateBody": "x"},
    )
    fails("MalformedCertificate", "private key", iam.upload_server_certificate, **more | {"PrivateKey": "x"})
    iam.upload_server_certificate(**more)
    fails(
        "EntityAlreadyExists",
        "already exists",
        iam.update_server_certificate,
        ServerCertificateName="api",
        NewServerCertificateName="web",
    )
    iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="shop", NewPath="/")
    shop = iam.get_server_certificate(ServerCertificateName="shop")["ServerCertificate"]
    assert shop["CertificateBody"].strip() == body.strip() and shop["Tags"] == [{"Key": "a", "Value": "b"}]
    assert shop["ServerCertificateMetadata"]["UploadDate"] == found["UploadDate"]
    listed = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert [each["ServerCertificateName"] for each in listed] == ["api", "shop"]
    iam.tag_server_certificate(ServerCertificateName="shop", Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_server_certificate(ServerCertificateName="shop", TagKeys=["a"])
    assert iam.list_server_certificate_tags(ServerCertificateName="shop")["Tags"] == [{"Key": "c", "Value": "d"}]
    iam.delete_server_certificate(ServerCertificateName="shop")
    for call in (
        iam.get_server_certificate,
        iam.delete_server_certificate,
        iam.list_server_certificate_tags,
        iam.update_server_certificate,
    ):
        fails("NoSuchEntity", "cannot be found", call, ServerCertificateName="shop")
    with aws.database.owner() as connection:
        dump = str(connection.execute("SELECT array_agg(data::text) FROM event").fetchone())
    assert "BEGIN CERTIFICATE" in dump and "PRIVATE KEY" not in dump


def test_signing_certificates(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    body = text_of(self_signed(rsa.generate_private_key(65537, 2048)))
    made = iam.upload_signing_certificate(UserName="ada", CertificateBody=body)["Certificate"]
    assert made["Status"] == "Active" and made["CertificateBody"].strip() == body.strip()
    fails(
        "DuplicateCertificate", "already exists", iam.upload_signing_certificate, UserName="ada", CertificateBody=body
    )
    fails("MalformedCertificate", "PEM", iam.upload_signing_certificate, UserName="ada", CertificateBody="x")
    key = ec.generate_private_key(ec.SECP256R1())
    fails(
        "InvalidCertificate",
        "expired",
        iam.upload_signing_certificate,
        UserName="ada",
        CertificateBody=text_of(self_signed(key, days=-1)),
    )
    fails(
        "NoSuchEntity",
        "cannot be found",
        iam.upload_signing_certificate,
        UserName="eve",
        CertificateBody=text_of(self_signed(key)),
    )
    iam.upload_signing_certificate(UserName="ada", CertificateBody=text_of(self_signed(key)))
    fails(
        "LimitExceeded",
        "CertificatesPerUser",
        iam.upload_signing_certificate,
        UserName="ada",
        CertificateBody=text_of(self_signed(key, "x")),
    )
    iam.update_signing_certificate(UserName="ada", CertificateId=made["CertificateId"], Status="Inactive")
    listed = {each["CertificateId"]: each for each in iam.list_signing_certificates(UserName="ada")["Certificates"]}
    assert listed[made["CertificateId"]]["Status"] == "Inactive"
    assert listed[made["CertificateId"]]["UploadDate"] == made["UploadDate"]
    fails("DeleteConflict", "certificates", iam.delete_user, UserName="ada")
    iam.delete_signing_certificate(UserName="ada", CertificateId=made["CertificateId"])
    for call in (iam.delete_signing_certificate, iam.update_signing_certificate):
        given = {"UserName": "ada", "CertificateId": made["CertificateId"]}
        fails(
            "NoSuchEntity",
            "cannot be found",
            call,
            **given | ({"Status": "Active"} if call == iam.update_signing_certificate else {}),
        )


def ssh(key: Any) -> str:
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return str(key.public_key().public_bytes(*form).decode()) + " ada@laptop"


def test_ssh_public_keys(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    body = ssh(rsa.generate_private_key(65537, 2048))
    made = iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=body)["SSHPublicKey"]
    assert made["SSHPublicKeyId"].startswith("APKA") and made["Fingerprint"].count(":") == 15
    fails("DuplicateSSHPublicKey", "already", iam.upload_ssh_public_key, UserName="ada", SSHPublicKeyBody=body)
    fails(
        "InvalidPublicKey",
        "RSA",
        iam.upload_ssh_public_key,
        UserName="ada",
        SSHPublicKeyBody=ssh(ed25519.Ed25519PrivateKey.generate()),
    )
    fails("InvalidPublicKey", "parse", iam.upload_ssh_public_key, UserName="ada", SSHPublicKeyBody="ssh-rsa AAAA")
    fails(
        "UnrecognizedPublicKeyEncoding",
        "ssh-keygen",
        iam.upload_ssh_public_key,
        UserName="ada",
        SSHPublicKeyBody="hello",
    )
    fails("NoSuchEntity", "cannot be found", iam.upload_ssh_public_key, UserName="eve", SSHPublicKeyBody=body)
    asked = {"UserName": "ada", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    shown = iam.get_ssh_public_key(**asked, Encoding="PEM")["SSHPublicKey"]
    assert shown["SSHPublicKeyBody"].startswith("-----BEGIN PUBLIC KEY-----")
    again = {"UserName": "ada", "SSHPublicKeyBody": shown["SSHPublicKeyBody"]}
    fails("DuplicateSSHPublicKey", "already", iam.upload_ssh_public_key, **again)
    for _ in range(4):
        iam.upload_ssh_public_key(UserName="ada", SSHPublicKeyBody=ssh(rsa.generate_private_key(65537, 2048)))
    fails("LimitExceeded", "SSHPublicKeysPerUser", iam.upload_ssh_public_key, UserName="ada",
          SSHPublicKeyBody=ssh(rsa.generate_private_key(65537, 2048)))  # fmt: skip
    iam.update_ssh_public_key(**asked, Status="Inactive")
    listed = {each["SSHPublicKeyId"]: each for each in iam.list_ssh_public_keys(UserName="ada")["SSHPublicKeys"]}
    assert len(listed) == 5 and listed[made["SSHPublicKeyId"]]["Status"] == "Inactive"
    fails("DeleteConflict", "public keys", iam.delete_user, UserName="ada")
    iam.delete_ssh_public_key(**asked)
    fails("NoSuchEntity", "cannot be found", iam.delete_ssh_public_key, **asked)
    fails("NoSuchEntity", "cannot be found", iam.get_ssh_public_key, **asked, Encoding="SSH")
    fails("NoSuchEntity", "cannot be found", iam.update_ssh_public_key, **asked, Status="Active")


def test_service_specific_credentials(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    git = "codecommit.amazonaws.com"
    made = iam.create_service_specific_credential(UserName="ada", ServiceName=git)["ServiceSpecificCredential"]
    assert made["ServiceUserName"] == f"ada-at-{ACCOUNT}" and len(made["ServicePassword"]) == 40
    assert made["ServiceSpecificCredentialId"].startswith("ACCA")
    second = iam.create_service_specific_credential(UserName="ada", ServiceName=git)["ServiceSpecificCredential"]
    assert second["ServiceUserName"] != made["ServiceUserName"]
    fails("LimitExceeded", "PerUser", iam.create_service_specific_credential, UserName="ada", ServiceName=git)
    fails(
        "NotSupportedService",
        "supported",
        iam.create_service_specific_credential,
        UserName="ada",
        ServiceName="x.amazonaws.com",
    )
    fails("NoSuchEntity", "cannot be found", iam.create_service_specific_credential, UserName="eve", ServiceName=git)
    fails(
        "InvalidInput",
        "CredentialAgeDays",
        iam.create_service_specific_credential,
        UserName="ada",
        ServiceName=git,
        CredentialAgeDays=3,
    )
    bedrock = iam.create_service_specific_credential(
        UserName="ada", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=3
    )
    key = bedrock["ServiceSpecificCredential"]
    assert key["ServiceCredentialSecret"] and timedelta(days=2) < key["ExpirationDate"] - key[
        "CreateDate"
    ] <= timedelta(days=3)
    asked = {"UserName": "ada", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    reset = iam.reset_service_specific_credential(**asked)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] not in ("", made["ServicePassword"]) and reset["CreateDate"] == made["CreateDate"]
    iam.update_service_specific_credential(**asked, Status="Inactive")
    listed = iam.list_service_specific_credentials(UserName="ada", ServiceName=git)["ServiceSpecificCredentials"]
    assert {each["Status"] for each in listed} == {"Active", "Inactive"} and "ServicePassword" not in listed[0]
    assert len(iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]) == 3
    fails("NotSupportedService", "supported", iam.list_service_specific_credentials, UserName="ada", ServiceName="x")
    fails("DeleteConflict", "service specific", iam.delete_user, UserName="ada")
    iam.delete_service_specific_credential(**asked)
    fails("NoSuchEntity", "cannot be found", iam.delete_service_specific_credential, **asked)
    fails("NoSuchEntity", "cannot be found", iam.reset_service_specific_credential, **asked)
    fails("NoSuchEntity", "cannot be found", iam.update_service_specific_credential, **asked, Status="Active")


def test_service_linked_roles(aws: AwsServer) -> None:
    iam = aws.client("iam")
    service = "autoscaling.amazonaws.com"
    role = iam.create_service_linked_role(AWSServiceName=service, CustomSuffix="eu")["Role"]
    assert role["Arn"] == arn(f"role/aws-service-role/{service}/AWSServiceRoleForAutoScaling_eu")
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": [service]}
    fails("InvalidInput", "has been taken", iam.create_service_linked_role, AWSServiceName=service, CustomSuffix="eu")
    fails(
        "InvalidInput",
        "Custom suffix",
        iam.create_service_linked_role,
        AWSServiceName="rds.amazonaws.com",
        CustomSuffix="x",
    )
    for unknown in ("rds", "nothing.amazonaws.com", "rds.amazonaws.example"):
        fails("InvalidInput", "is not a service", iam.create_service_linked_role, AWSServiceName=unknown)
    name = role["RoleName"]
    fails("UnmodifiableEntity", "linked", iam.delete_role, RoleName=name)
    fails(
        "UnmodifiableEntity", "linked", iam.put_role_policy, RoleName=name, PolicyName="p", PolicyDocument=allow("s3:*")
    )
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{service}/{name}/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    fails(
        "NoSuchEntity",
        "cannot be found",
        iam.get_service_linked_role_deletion_status,
        DeletionTaskId=task[:-8] + "AAAAAAAA",
    )
    fails("InvalidInput", "DeletionTaskId", iam.get_service_linked_role_deletion_status, DeletionTaskId="x")
    fails("NoSuchEntity", "cannot be found", iam.delete_service_linked_role, RoleName=name)
