"""What answers hold, as AWS's do."""

from __future__ import annotations

import orjson
import pytest

from erstwhile.api.aws.operations.statement_positions import positions
from tests.support.aws.clients import fails
from tests.support.aws.server import AwsServer, arn
from tests.support.documents import READ, allow, text

TRUST = text({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip


def test_a_name_in_another_case_is_taken_by_its_own_bearer(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="shira")
    iam.create_group(GroupName="ops")
    fails("EntityAlreadyExists", "already exists", iam.update_user, UserName="shira", NewUserName="SHIRA")
    fails("EntityAlreadyExists", "already exists", iam.update_group, GroupName="ops", NewGroupName="Ops")
    iam.update_user(UserName="shira", NewUserName="shira", NewPath="/people/")  # as Terraform changes a path
    assert iam.get_user(UserName="shira")["User"]["Arn"] == arn("user/people/shira")


def test_tag_keys_are_compared_without_regard_to_case(aws: AwsServer) -> None:
    iam = aws.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=text(READ))["Policy"]["Arn"]
    iam.create_user(UserName="ada"), iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="i")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]["SerialNumber"]
    provider = iam.create_open_id_connect_provider(Url="https://idp.example.com", ClientIDList=["x"])
    for word, named in (
        ("user", {"UserName": "ada"}), ("role", {"RoleName": "r"}), ("policy", {"PolicyArn": policy}),
        ("instance_profile", {"InstanceProfileName": "i"}), ("mfa_device", {"SerialNumber": device}),
        ("open_id_connect_provider", {"OpenIDConnectProviderArn": provider["OpenIDConnectProviderArn"]}),
    ):  # fmt: skip
        tag, untag, listed = (getattr(iam, each.format(word)) for each in ("tag_{}", "untag_{}", "list_{}_tags"))
        tag(**named, Tags=[{"Key": "Env", "Value": ""}, {"Key": "team", "Value": "blue"}])
        tag(**named, Tags=[{"Key": "ENV", "Value": "prod"}])
        assert listed(**named)["Tags"] == [{"Key": "ENV", "Value": "prod"}, {"Key": "team", "Value": "blue"}], word
        untag(**named, TagKeys=["Team", "env"])
        assert listed(**named)["Tags"] == [], word


def test_create_policy_answers_without_what_get_policy_tells(aws: AwsServer) -> None:
    iam = aws.client("iam")
    tags = [{"Key": "team", "Value": "blue"}]
    made = iam.create_policy(PolicyName="p", PolicyDocument=text(READ), Description="reads")["Policy"]
    assert not {"Description", "Tags"} & set(made) and made["IsAttachable"] and made["DefaultVersionId"] == "v1"
    assert iam.create_policy(PolicyName="q", PolicyDocument=text(READ), Tags=tags)["Policy"]["Tags"] == tags
    found = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert (found["Description"], found["Tags"]) == ("reads", [])


def test_instance_profiles_tell_their_tags(aws: AwsServer) -> None:
    iam = aws.client("iam")
    tags = [{"Key": "team", "Value": "blue"}]
    assert iam.create_instance_profile(InstanceProfileName="a")["InstanceProfile"]["Tags"] == []
    assert iam.create_instance_profile(InstanceProfileName="b", Tags=tags)["InstanceProfile"]["Tags"] == tags
    assert iam.get_instance_profile(InstanceProfileName="b")["InstanceProfile"]["Tags"] == tags
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.add_role_to_instance_profile(InstanceProfileName="b", RoleName="r")
    [role] = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert role["InstanceProfileList"][0]["Tags"] == tags and role["RoleLastUsed"] == {}


def test_the_summary_counts_policies_in_use(aws: AwsServer) -> None:
    iam = aws.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=text(READ))["Policy"]["Arn"]
    for name in ("ada", "bob"):
        iam.create_user(UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    found = iam.get_account_summary()["SummaryMap"]
    assert (found["PolicyVersionsInUse"], found["PolicyVersionsInUseQuota"]) == (2, 10_000)


def test_urls_of_openid_providers_are_kept_as_given(aws: AwsServer) -> None:
    iam = aws.client("iam")
    made = [
        iam.create_open_id_connect_provider(Url=url, ClientIDList=["x"])["OpenIDConnectProviderArn"]
        for url in ("https://idp.example.com/realms/a/", "https://idp.example.com/realms/a", "https://idp.example.com/")
    ]
    ends = ("idp.example.com/realms/a/", "idp.example.com/realms/a", "idp.example.com/")
    assert made == [arn(f"oidc-provider/{each}") for each in ends]
    for each, end in zip(made, ends, strict=True):
        assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=each)["Url"] == end


@pytest.mark.parametrize(
    "url",
    ["http://idp.example.com", "https://", "https://[::1", "https://idp .example.com", "https://idp.example.com/a b",
     "https://idp.example.com/\x01", "https://idp.example.com\n", "https://idp.example.com:99999", "https://idp:x/",
     "https://user@idp.example.com", "https://idp.example.com?x=1", "https://idp.example.com/#x", "https://ïdp.example",
     "https://idp.example.com/%zz\\", "https://.", "https://-a-.example.com/", "ftp://idp.example.com",
     "idp.example.com"],
)  # fmt: skip
def test_urls_that_are_none_are_refused_at_creation(aws: AwsServer, url: str) -> None:
    create = aws.client("iam").create_open_id_connect_provider
    fails("InvalidInput", "Invalid Open ID Connect Provider URL", create, Url=url, ClientIDList=["x"])


def test_quotas_of_openid_providers(aws: AwsServer) -> None:
    iam = aws.client("iam")
    create, url = iam.create_open_id_connect_provider, "https://idp.example.com"
    prints = [f"{number:040}" for number in range(6)]
    clients = [f"c{number}" for number in range(101)]
    fails("InvalidInput", "Thumbprint list must contain", create, Url=url, ThumbprintList=prints)
    fails("LimitExceeded", "ClientIdsPerOpenIdConnectProvider: 100", create, Url=url, ClientIDList=clients)
    made = create(Url=url, ClientIDList=clients[:100], ThumbprintList=prints[:5])["OpenIDConnectProviderArn"]
    update = iam.update_open_id_connect_provider_thumbprint
    fails("InvalidInput", "Thumbprint", update, OpenIDConnectProviderArn=made, ThumbprintList=prints)
    add = iam.add_client_id_to_open_id_connect_provider
    fails("LimitExceeded", "100", add, OpenIDConnectProviderArn=made, ClientID="one more")


def test_the_simulator_tells_where_statements_stand(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada"), iam.create_group(GroupName="ops")
    iam.add_user_to_group(UserName="ada", GroupName="ops")
    document = (
        '{\n    "Version": "2012-10-17",\n    "Statement": [\n        {"Effect": "Allow", "Action": "s3:Get*", '
        '"Resource": "*"\n        }\n    ]\n}'
    )
    iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document)
    iam.put_group_policy(GroupName="ops", PolicyName="shared", PolicyDocument=allow("s3:Get*"))
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    asked = {"PolicySourceArn": arn("user/ada"), "ActionNames": ["s3:GetObject"]}
    [found] = iam.simulate_principal_policy(**asked, PolicyInputList=[allow("s3:*")])["EvaluationResults"]
    places = {each["SourcePolicyId"]: each for each in found["MatchedStatements"]}
    assert set(places) == {"user_ada_own", "group_ops_shared", "AdministratorAccess", "PolicyInputList.1"}
    assert places["user_ada_own"]["StartPosition"] == {"Line": 3, "Column": 19}
    assert places["user_ada_own"]["EndPosition"] == {"Line": 5, "Column": 10}
    assert places["PolicyInputList.1"]["StartPosition"]["Line"] == 1


def test_positions_are_those_of_the_statements() -> None:
    for indent in (None, 1, 4):
        statements = [{"Sid": f"S{n}", "Effect": "Allow", "Action": "s3:*", "Resource": "},{"} for n in range(3)]
        for told in (statements, statements[0]):
            import json

            document = json.dumps({"Id": "x,]}", "Statement": told, "Version": "2012-10-17"}, indent=indent)
            lines = document.split("\n")
            found = positions(document)
            assert len(found) == (3 if isinstance(told, list) else 1)
            for number, each in enumerate(found):
                begin, end = each["StartPosition"], each["EndPosition"]
                offset = [sum(len(line) + 1 for line in lines[: p["Line"] - 1]) + p["Column"] - 1 for p in (begin, end)]
                assert orjson.loads(document[slice(*offset)]) == statements[number]
    assert positions("{") == positions("[]") == positions("") == []
