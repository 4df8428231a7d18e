"""Each error that AWS documents for an operation comes where it can occur. These are the cases that the other tests of
this folder do not meet on their way; a whole run counts all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec

from erstwhile.api.aws.documentation.unreachable_errors import is_never
from erstwhile.api.aws.operations import OPERATIONS
from erstwhile.api.aws.wire.model import service_of
from erstwhile.domain.commands import limits
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.organizations import SetOrganization
from erstwhile.domain.events.organizations import OrganizationNode
from tests.support.aws.clients import PASSWORD, Phone, anonymous, fails, own, session
from tests.support.aws.identity_providers import SamlProvider, pem, self_signed, text_of
from tests.support.aws.recorded_answers import documented, gaps, reachable
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import allow, trust, trusting

TRUST = trusting("*")
TAGS = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
TWICE = [{"Key": "Team", "Value": "a"}, {"Key": "team", "Value": "b"}]
BAD_ARN = "nothing-like-an-arn-at-all"
LONG = allow("s3:*", "arn:aws:s3:::" + "x" * 5_900)
VALUES: dict[str, Any] = {
    "AWSServiceName": "autoscaling.amazonaws.com", "AccessKeyId": "AKIA0000000000000000", "AccountAlias": "nobody",
    "ActionNames": ["s3:GetObject"], "Arn": arn("user/nobody"), "AssumeRolePolicyDocument": TRUST,
    "AuthenticationCode1": "123456", "AuthenticationCode2": "123457", "CertificateBody": "x", "CertificateId": "A" * 24,
    "ClientID": "x", "DeletionTaskId": "task/aws-service-role/x/y/00000000-0000-0000-0000-000000000000",
    "Encoding": "SSH", "EntityPath": "o-a1b2c3d4e5/r-ab12", "GlobalEndpointTokenVersion": "v2Token", "JobId": "0" * 36,
    "NewPassword": PASSWORD, "OldPassword": PASSWORD, "OpenIDConnectProviderArn": arn("oidc-provider/nobody.example"),
    "Password": PASSWORD, "PermissionsBoundary": arn("policy/nobody"), "PolicyArn": arn("policy/nobody"),
    "PolicyDocument": allow("s3:*"), "PolicyInputList": [allow("s3:*")], "PolicySourceArn": arn("user/nobody"),
    "PrivateKey": "x", "Properties": {"a/b": "1"}, "SAMLMetadataDocument": "x" * 1_000,
    "SAMLProviderArn": arn("saml-provider/nobody"), "SSHPublicKeyBody": "x", "SSHPublicKeyId": "APKA" + "A" * 20,
    "SerialNumber": arn("mfa/nobody"), "ServiceNamespace": "iam", "ServiceNamespaces": ["iam"],
    "ServiceName": "codecommit.amazonaws.com", "ServiceSpecificCredentialId": "ACCA" + "A" * 20, "Status": "Inactive",
    "TagKeys": ["a"], "Tags": [{"Key": "a", "Value": "b"}],
    "ThumbprintList": ["0" * 40], "Url": "https://nobody.example", "VersionId": "v1",
}  # fmt: skip
"""Of members that an operation requires, where "nobody" would not do."""


def required(operation: str, *more: str) -> dict[str, Any]:
    """The members that an operation must be given, and those of `more` that it takes: they name nobody."""
    shape = _input(operation)
    if shape is None:
        return {}
    names = [*shape.required_members, *(name for name in more if name in shape.members)]
    return {name: VALUES.get(name, "nobody") for name in names}


def _input(operation: str) -> Any:
    model = botocore.session.get_session().get_service_model(service_of(operation, ""))
    return model.operation_model(operation).input_shape


def of(code: str) -> Iterator[str]:
    """The operations that document an error which can occur."""
    return (name for name, codes in documented().items() if code in codes and not is_never(name, code))


def check(client: Any, operation: str, code: str, containing: str = "", **given: Any) -> None:
    try:
        fails(code, containing, getattr(client, xform_name(operation)), **given)
    except (AssertionError, pytest.fail.Exception, ClientError) as error:
        raise AssertionError(f"{operation}({given}) should answer {code}: {error}") from error


def test_what_is_not_there(aws: AwsServer) -> None:
    iam, sts = aws.client("iam"), aws.client("sts")
    iam.create_user(UserName="nobody-else")
    mine = own(aws, "nobody-else")
    special = {"ChangePassword", "UpdateSAMLProvider"}
    named = ("UserName", "RoleName", "GroupName", "PermissionsBoundary", "VersionId")
    for operation in of("NoSuchEntity"):
        if operation not in special:
            client = iam if service_of(operation, "") == "iam" else sts
            check(client, operation, "NoSuchEntity", **required(operation, *named))
    iam.put_user_policy(UserName="nobody-else", PolicyName="p", PolicyDocument=allow("iam:ChangePassword"))
    check(mine, "ChangePassword", "NoSuchEntity", **required("ChangePassword"))
    asked = {"SAMLProviderArn": arn("saml-provider/nobody"), "SAMLMetadataDocument": SamlProvider().metadata}
    check(iam, "UpdateSAMLProvider", "NoSuchEntity", **asked)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_arn_must_be_one(aws_of_all: AwsServer, operation: str) -> None:
    shape = _input(operation)
    names = [name for name, member in (shape.members if shape else {}).items() if member.name == "arnType"]
    for name in names if service_of(operation, "") == "iam" else ():
        given = required(operation) | {name: BAD_ARN}
        check(aws_of_all.client("iam"), operation, "InvalidInput", f"ARN {BAD_ARN} is not valid", **given)


@pytest.fixture(scope="module")
def aws_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    """One server for calls that change nothing."""
    from erstwhile.api.database.database import Database
    from erstwhile.api.database.settings import Settings

    folder = tmp_path_factory.mktemp("all")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("erstwhile.api.imports.installed_catalogue.PACKAGE", "no_such_package")
        database = Database.open(Settings(home=folder))
        server = AwsServer(database, folder, monkeypatch)
        yield server
        server.close()
        database.close()


@pytest.fixture
def tagged(aws: AwsServer) -> dict[str, dict[str, str]]:
    """Of each kind that has tags, one that has a tag: what an operation is given to mean it."""
    iam, key = aws.client("iam"), ec.generate_private_key(ec.SECP256R1())
    tags = [{"Key": "first", "Value": "v"}]
    iam.create_user(UserName="ada", Tags=tags)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST, Tags=tags)
    iam.create_instance_profile(InstanceProfileName="box", Tags=tags)
    policy = iam.create_policy(PolicyName="p", PolicyDocument=allow("s3:*"), Tags=tags)["Policy"]["Arn"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=tags)["VirtualMFADevice"]["SerialNumber"]
    saml = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=SamlProvider().metadata, Tags=tags)
    web = iam.create_open_id_connect_provider(Url="https://id.example", ThumbprintList=["0" * 40], Tags=tags)
    certificate = {"CertificateBody": text_of(self_signed(key)), "PrivateKey": pem(key)}
    iam.upload_server_certificate(ServerCertificateName="web", Tags=tags, **certificate)
    return {
        "User": {"UserName": "ada"}, "Role": {"RoleName": "app"}, "InstanceProfile": {"InstanceProfileName": "box"},
        "Policy": {"PolicyArn": policy}, "MFADevice": {"SerialNumber": device},
        "SAMLProvider": {"SAMLProviderArn": saml["SAMLProviderArn"]},
        "OpenIDConnectProvider": {"OpenIDConnectProviderArn": web["OpenIDConnectProviderArn"]},
        "ServerCertificate": {"ServerCertificateName": "web"},
    }  # fmt: skip


def test_tags_have_their_quota_and_their_keys_once(aws: AwsServer, tagged: dict[str, dict[str, str]]) -> None:
    iam, key = aws.client("iam"), ec.generate_private_key(ec.SECP256R1())
    for kind, target in tagged.items():
        check(iam, f"Tag{kind}", "LimitExceeded", "TagsPerEntity", **target, Tags=TAGS)
        check(iam, f"Tag{kind}", "InvalidInput", "Duplicate tag keys", **target, Tags=TWICE)
    made: dict[str, dict[str, Any]] = {
        "CreateUser": {}, "CreateRole": {}, "CreateInstanceProfile": {}, "CreatePolicy": {},
        "CreateVirtualMFADevice": {},
        "CreateOpenIDConnectProvider": {}, "CreateSAMLProvider": {"SAMLMetadataDocument": SamlProvider().metadata},
        "UploadServerCertificate": {"CertificateBody": text_of(self_signed(key)), "PrivateKey": pem(key)},
    }  # fmt: skip
    for operation, given in made.items():
        check(iam, operation, "InvalidInput", "Duplicate tag keys", **required(operation) | given, Tags=TWICE)


def test_quotas_of_everything_that_has_one(
    aws: AwsServer, tagged: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    iam, key = aws.client("iam"), ec.generate_private_key(ec.SECP256R1())
    web = tagged["OpenIDConnectProvider"]
    iam.create_group(GroupName="ops")
    for number in range(11):
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST)
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
        for kind, name in (("Role", "app"), ("Group", "ops")):
            given = {f"{kind}Name": name, "PolicyArn": made}
            if number < 10:
                getattr(iam, f"attach_{kind.lower()}_policy")(**given)
            else:
                check(iam, f"Attach{kind}Policy", "LimitExceeded", "PoliciesPer", **given)
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="r0")
    given = {"InstanceProfileName": "box", "RoleName": "r1"}
    check(iam, "AddRoleToInstanceProfile", "LimitExceeded", **given)
    check(iam, "PutGroupPolicy", "LimitExceeded", "5120", GroupName="ops", PolicyName="p", PolicyDocument=LONG)
    twice = allow("s3:*", [f"arn:aws:s3:::{letter * 5_000}" for letter in "xyz"])
    check(iam, "PutRolePolicy", "LimitExceeded", "10240", RoleName="app", PolicyName="p", PolicyDocument=twice)
    long = trusting("*", StringEquals={"sts:ExternalId": "x" * 2_100})
    check(iam, "UpdateAssumeRolePolicy", "LimitExceeded", "2048", RoleName="app", PolicyDocument=long)
    for number in range(99):
        iam.add_client_id_to_open_id_connect_provider(**web, ClientID=f"c{number}")
    iam.add_client_id_to_open_id_connect_provider(**web, ClientID="last")
    check(iam, "AddClientIDToOpenIDConnectProvider", "LimitExceeded", "ClientId", **web, ClientID="one-more")
    monkeypatch.setattr(limits, "MFA_DEVICES", 0)
    with pytest.raises(ClientError, match=r"LimitExceeded.*EnableMFADevice.*MFADevicesPerUser"):
        Phone(aws, "ada")
    for kind in limits.PER_ACCOUNT:
        monkeypatch.setitem(limits.PER_ACCOUNT, kind, 0)
    for operation in ("CreateUser", "CreateGroup", "CreateRole", "CreateInstanceProfile", "CreateServiceLinkedRole"):
        check(iam, operation, "LimitExceeded", "per account", **required(operation))

    monkeypatch.setattr("erstwhile.api.aws.operations.providers.MAX_PROVIDERS", 1)
    monkeypatch.setattr("erstwhile.api.aws.operations.mfa.MAX_DEVICES", 1)
    monkeypatch.setattr("erstwhile.api.aws.operations.server_certificates.MAX_CERTIFICATES", 1)
    check(iam, "CreateOpenIDConnectProvider", "LimitExceeded", **required("CreateOpenIDConnectProvider"))
    given = required("CreateSAMLProvider") | {"SAMLMetadataDocument": SamlProvider().metadata}
    check(iam, "CreateSAMLProvider", "LimitExceeded", **given)
    check(iam, "CreateVirtualMFADevice", "LimitExceeded", VirtualMFADeviceName="another")
    certificate = {"CertificateBody": text_of(self_signed(key)), "PrivateKey": pem(key)}
    check(iam, "UploadServerCertificate", "LimitExceeded", ServerCertificateName="another", **certificate)


def test_roles_of_services_change_at_their_services_hand(aws: AwsServer) -> None:
    iam = aws.client("iam")
    linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]["RoleName"]
    iam.create_instance_profile(InstanceProfileName="box")
    iam.create_policy(PolicyName="p", PolicyDocument=allow("s3:*"))
    given = {"PolicyArn": arn("policy/p"), "PermissionsBoundary": arn("policy/p"), "InstanceProfileName": "box"}
    for operation in of("UnmodifiableEntity"):
        asked = {name: given.get(name, value) for name, value in required(operation).items()} | {"RoleName": linked}
        check(iam, operation, "UnmodifiableEntity", "service", **asked)


def test_policies_of_services_are_not_attached(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada"), iam.create_group(GroupName="ops")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    its = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
    names = {"UserName": "ada", "GroupName": "ops", "RoleName": "app", "PolicyArn": its, "PermissionsBoundary": its}
    for operation in of("PolicyNotAttachable"):
        check(
            iam, operation, "PolicyNotAttachable", "Service Role Policy",
            **{name: names[name] for name in required(operation)},
        )  # fmt: skip


def test_names_that_are_taken(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_group(GroupName="ops"), iam.create_group(GroupName="dev")
    check(iam, "UpdateGroup", "EntityAlreadyExists", "already exists", GroupName="dev", NewGroupName="OPS")
    aws.service.commands.execute(RegisterAccount(account="222222222222"))
    key_id, secret, (statement, parameters) = aws.keys.new_key("222222222222", "root")
    with aws.service.connection() as connection:
        connection.execute(statement, parameters)
    aws.client("iam", key_id, secret).create_account_alias(AccountAlias="our-company")
    check(iam, "CreateAccountAlias", "EntityAlreadyExists", "already exists", AccountAlias="our-company")


def test_only_the_management_account_manages_the_roots(aws: AwsServer) -> None:
    commands = aws.service.commands
    commands.execute(RegisterAccount(account="222222222222"))
    nodes = (OrganizationNode("r-ab12", "root"), OrganizationNode("222222222222", "account", "r-ab12"),
             OrganizationNode(ACCOUNT, "account", "r-ab12"))  # fmt: skip
    commands.execute(SetOrganization(account="222222222222", organization="o-a1b2c3d4e5", nodes=nodes, policies=()))
    for operation in of("AccountNotManagementOrDelegatedAdministratorException"):
        check(
            aws.client("iam"), operation, "AccountNotManagementOrDelegatedAdministratorException", "management account"
        )


def test_sessions_that_cannot_be(aws: AwsServer) -> None:
    iam, idp = aws.client("iam"), SamlProvider()
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:*"))
    ada = own(aws, "ada", "sts")
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]["Arn"]
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=allow("sts:*"))
    provider = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    web = iam.create_role(
        RoleName="web", AssumeRolePolicyDocument=trust({"Federated": provider}, "sts:AssumeRoleWithSAML")
    )["Role"]["Arn"]
    told = {"Role": [f"{web},{provider}"], "RoleSessionName": ["ada"]}
    policies = [{"arn": iam.create_policy(PolicyName=f"p{n}", PolicyDocument=LONG)["Policy"]["Arn"]} for n in range(2)]
    for client, operation, asked in (
        (ada, "AssumeRole", {"RoleArn": role, "RoleSessionName": "work"}),
        (anonymous(aws), "AssumeRoleWithSAML",
         {"RoleArn": web, "PrincipalArn": provider, "SAMLAssertion": idp.assertion(told)}),
    ):  # fmt: skip
        check(client, operation, "MalformedPolicyDocument", **asked, Policy='{"Version": "2012-10-17"}')
        check(client, operation, "PackedPolicyTooLarge", "Packed size", **asked, PolicyArns=policies)
    failed = idp.assertion(told, status="urn:oasis:names:tc:SAML:2.0:status:Responder")
    asked = {"RoleArn": web, "PrincipalArn": provider, "SAMLAssertion": failed}
    check(anonymous(aws), "AssumeRoleWithSAML", "IDPRejectedClaim", "did not authenticate", **asked)
    iam.enable_outbound_web_identity_federation()
    given = ada.assume_role(RoleArn=role, RoleSessionName="work", DurationSeconds=900)["Credentials"]
    check(
        session(aws, "sts", given), "GetWebIdentityToken", "SessionDurationEscalationException",
        "longer than the session",
        Audience=["app"], SigningAlgorithm="RS256", DurationSeconds=3_600,
    )  # fmt: skip


def test_malformed_words(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    check(iam, "PutRolePolicy", "MalformedPolicyDocument", RoleName="app", PolicyName="p", PolicyDocument="{}")
    check(iam, "GetContextKeysForCustomPolicy", "InvalidInput", PolicyInputList=["{}"])
    source = arn("role/app")
    check(iam, "GetContextKeysForPrincipalPolicy", "InvalidInput", PolicySourceArn=source, PolicyInputList=["{}"])
    check(iam, "SimulatePrincipalPolicy", "InvalidInput", PolicySourceArn=source, ActionNames=["nonsense"])
    metadata = {"SAMLMetadataDocument": "<x/>" * 300}
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument=SamlProvider().metadata)
    check(iam, "UpdateSAMLProvider", "InvalidInput", SAMLProviderArn=arn("saml-provider/corp"), **metadata)


def test_what_fails_here_is_said_as_aws_says_it(aws_of_all: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("erstwhile.api.aws.endpoint.require_all", broken)
    monkeypatch.setattr("erstwhile.api.aws.endpoint.log.exception", lambda *_: None)
    iam = aws_of_all.client("iam")
    for operation in of("ServiceFailure"):
        given = required(operation)
        shape = _input(operation)
        for name in given:
            least = shape.members[name].metadata.get("min", 0)
            if isinstance(given[name], str) and len(given[name]) < least:
                given[name] = given[name].ljust(least, "x")
        check(iam, operation, "ServiceFailure", "failed here", **given)


def test_an_answer_that_never_came_is_named_and_one_that_should_not_have_come() -> None:
    """conftest.py holds each whole run of this folder to it."""
    assert gaps(reachable()) == []
    assert gaps(reachable() - {("GetUser", "NoSuchEntity")}) == ["GetUser: NoSuchEntity never came"]
    assert is_never("GetSSHPublicKey", "UnrecognizedPublicKeyEncoding")
    [found] = gaps(reachable() | {("GetSSHPublicKey", "UnrecognizedPublicKeyEncoding")})
    assert found == "GetSSHPublicKey: UnrecognizedPublicKeyEncoding came, and is said never to"
