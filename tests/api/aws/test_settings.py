"""Aliases, the password policy and identity providers through boto3."""

from __future__ import annotations

from tests.support.aws.clients import fails
from tests.support.aws.identity_providers import SamlProvider
from tests.support.aws.server import ACCOUNT, AwsServer


def test_alias_and_password_policy(aws: AwsServer) -> None:
    iam = aws.client("iam")
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == ["second"]
    iam.delete_account_alias(AccountAlias="second")
    fails("NoSuchEntity", "cannot be found", iam.delete_account_alias, AccountAlias="second")
    fails("NoSuchEntity", ACCOUNT, iam.get_account_password_policy)
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireNumbers=True, MaxPasswordAge=90)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["ExpirePasswords"]) == (14, False, True)
    iam.delete_account_password_policy()
    fails("NoSuchEntity", "Password Policy", iam.delete_account_password_policy)


def test_identity_providers(aws: AwsServer) -> None:
    iam = aws.client("iam")
    thumbprint = "0" * 40
    made = iam.create_open_id_connect_provider(
        Url="https://tokens.example.com/a",
        ClientIDList=["one"],
        ThumbprintList=[thumbprint],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/tokens.example.com/a"
    fails(
        "EntityAlreadyExists", "already exists", iam.create_open_id_connect_provider, Url="https://tokens.example.com/a"
    )
    fails("InvalidInput", "https", iam.create_open_id_connect_provider, Url="ftp://x.example.com")
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["1" * 40])
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["a"])
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (found["Url"], found["ClientIDList"], found["ThumbprintList"]) == (
        "tokens.example.com/a",
        ["two"],
        ["1" * 40],
    )
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": arn}]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    fails("NoSuchEntity", "not found", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
    metadata = SamlProvider().metadata
    saml = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == metadata
    assert (
        iam.update_saml_provider(SAMLProviderArn=saml, SAMLMetadataDocument=metadata + " ")["SAMLProviderArn"] == saml
    )
    assert [each["Arn"] for each in iam.list_saml_providers()["SAMLProviderList"]] == [saml]
    fails("InvalidInput", "metadata", iam.create_saml_provider, Name="x", SAMLMetadataDocument="x" * 1000)
    iam.tag_saml_provider(SAMLProviderArn=saml, Tags=[{"Key": "a", "Value": "b"}])
    assert iam.list_saml_provider_tags(SAMLProviderArn=saml)["Tags"] == [{"Key": "a", "Value": "b"}]
    iam.untag_saml_provider(SAMLProviderArn=saml, TagKeys=["a"])
    for bad in (
        "<x/>" + " " * 1000,
        metadata.replace("X509Certificate", "Nothing"),
        metadata.replace("entityID", "id"),
        "<!DOCTYPE x>" + metadata,
    ):
        fails("InvalidInput", "Could not parse metadata", iam.create_saml_provider, Name="x", SAMLMetadataDocument=bad)
    fails("EntityAlreadyExists", "already exists", iam.create_saml_provider, Name="corp", SAMLMetadataDocument=metadata)
    iam.delete_saml_provider(SAMLProviderArn=saml)
    fails("NoSuchEntity", "cannot be found", iam.delete_saml_provider, SAMLProviderArn=saml)
    fails("NoSuchEntity", "not found", iam.update_saml_provider, SAMLProviderArn=saml, SAMLMetadataDocument=metadata)


def test_properties_and_preferences(aws: AwsServer) -> None:
    iam = aws.client("iam")
    assert iam.get_account_properties()["Properties"] == {}
    iam.put_account_properties(Properties={"a/b": "1", "a/c": "2"})
    iam.put_account_properties(Properties={"a/c": "3"})
    assert iam.get_account_properties()["Properties"] == {"a/b": "1", "a/c": "3"}
    assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 1
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2
