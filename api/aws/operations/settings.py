"""Account aliases, the password policy, and identity providers (OpenID Connect and SAML)."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import orjson

from api.aws.call import Call, Change, Plan, Read, Result, page, tags_given
from api.aws.errors import AwsError, invalid
from domain.commands.settings import CreateSetting, PutSetting, RemoveSetting
from domain.decide.lookups import find_setting
from domain.decide.settings import of_category
from domain.directory import Entity
from domain.refusals import NoSuchEntity

_LISTS = ("ClientIDList", "ThumbprintList", "Tags")


def create_account_alias(call: Call) -> Plan:
    alias = call.given["AccountAlias"]
    held = of_category(call.directory, call.account, "account-alias")
    commands: list[Any] = [
        RemoveSetting(account=call.account, category="account-alias", name=name) for name, _ in held if name != alias
    ]
    # An account has one alias: another takes its place.
    return Plan(commands=[*commands, PutSetting(account=call.account, category="account-alias", name=alias)])


def delete_account_alias(call: Call) -> Plan:
    return Plan(
        commands=[RemoveSetting(account=call.account, category="account-alias", name=call.given["AccountAlias"])]
    )


def list_account_aliases(call: Call) -> Result:
    return page(
        call, [name for name, _ in of_category(call.directory, call.account, "account-alias")], "AccountAliases"
    )


_DEFAULTS: dict[str, Any] = {
    "MinimumPasswordLength": 6, "RequireSymbols": False, "RequireNumbers": False, "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False, "AllowUsersToChangePassword": False,
}  # fmt: skip


def update_account_password_policy(call: Call) -> Plan:
    attributes = {name: orjson.dumps(value).decode() for name, value in (_DEFAULTS | call.given).items()}
    command = PutSetting(account=call.account, category="password-policy", name="account", attributes=attributes)
    return Plan(commands=[command])


def delete_account_password_policy(call: Call) -> Plan:
    return Plan(commands=[RemoveSetting(account=call.account, category="password-policy", name="account")])


def get_account_password_policy(call: Call) -> Result:
    entity = find_setting(call.directory, call.account, "password-policy", "account")
    if entity is None:
        raise NoSuchEntity(f"The Password Policy with domain name {call.account} cannot be found.")
    policy = {name: orjson.loads(value) for name, value in (entity.value("setting") or {}).items()}
    return {"PasswordPolicy": policy | {"ExpirePasswords": bool(policy.get("MaxPasswordAge"))}}


# Identity providers: by their ARNs; lists are kept as JSON.


def _shown(entity: Entity) -> dict[str, Any]:
    value = entity.value("setting") or {}
    return {name: orjson.loads(text) if name in _LISTS else text for name, text in value.items()}


def _kept(attributes: dict[str, Any]) -> dict[str, str]:
    return {name: orjson.dumps(value).decode() if name in _LISTS else str(value) for name, value in attributes.items()}


def _provider(call: Call, category: str, arn: str) -> tuple[Entity, dict[str, Any]]:
    entity = find_setting(call.directory, call.account, category, arn)
    if entity is None:
        title = "OpenIDConnect Provider" if category == "oidc-provider" else "SAMLProvider"
        raise NoSuchEntity(f"{title} not found for arn {arn}")
    return entity, _shown(entity)


def _put(call: Call, category: str, arn: str, attributes: dict[str, Any]) -> Plan:
    command = PutSetting(
        account=call.account, category=category, name=arn, attributes=_kept(attributes), must_exist=True
    )
    return Plan(commands=[command])


def _tag_list(call: Call) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags_given(call).items())]


def create_oidc(call: Call) -> Plan:
    url = urlsplit(call.given["Url"])
    if url.scheme != "https" or not url.netloc or url.query:
        raise AwsError(
            "InvalidInput", "Invalid Open ID Connect Provider URL: it must begin with https:// and have no query"
        )
    host = f"{url.netloc}{url.path}".rstrip("/")
    arn = f"arn:{call.partition}:iam::{call.account}:oidc-provider/{host}"
    tags = _tag_list(call)
    attributes = {
        "Url": host, "ClientIDList": call.get("ClientIDList") or [], "ThumbprintList": call.get("ThumbprintList") or [],
        "Tags": tags,
    }  # fmt: skip
    command = CreateSetting(
        account=call.account, category="oidc-provider", name=arn, attributes=_kept(attributes), most=100
    )
    return Plan(commands=[command], answer=lambda _: {"OpenIDConnectProviderArn": arn, "Tags": tags})


def get_oidc(call: Call) -> Result:
    entity, shown = _provider(call, "oidc-provider", call.given["OpenIDConnectProviderArn"])
    return shown | {"CreateDate": entity.items("setting")[""].since}


def list_oidc(call: Call) -> Result:
    found = of_category(call.directory, call.account, "oidc-provider")
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn, _ in found]}


def update_thumbprints(call: Call) -> Plan:
    arn = call.given["OpenIDConnectProviderArn"]
    _, shown = _provider(call, "oidc-provider", arn)
    return _put(call, "oidc-provider", arn, shown | {"ThumbprintList": call.given["ThumbprintList"]})


def add_client(call: Call) -> Plan:
    arn, client = call.given["OpenIDConnectProviderArn"], call.given["ClientID"]
    _, shown = _provider(call, "oidc-provider", arn)
    clients = [*shown["ClientIDList"], *([] if client in shown["ClientIDList"] else [client])]
    return _put(call, "oidc-provider", arn, shown | {"ClientIDList": clients})


def remove_client(call: Call) -> Plan:
    arn = call.given["OpenIDConnectProviderArn"]
    _, shown = _provider(call, "oidc-provider", arn)
    clients = [each for each in shown["ClientIDList"] if each != call.given["ClientID"]]
    return _put(call, "oidc-provider", arn, shown | {"ClientIDList": clients})


def create_saml(call: Call) -> Plan:
    document = call.given["SAMLMetadataDocument"]
    _check_metadata(document)
    arn = f"arn:{call.partition}:iam::{call.account}:saml-provider/{call.given['Name']}"
    tags = _tag_list(call)
    command = CreateSetting(
        account=call.account, category="saml-provider", name=arn,
        attributes=_kept({"SAMLMetadataDocument": document, "Tags": tags}), most=100,
    )  # fmt: skip
    return Plan(commands=[command], answer=lambda _: {"SAMLProviderArn": arn, "Tags": tags})


def _check_metadata(document: str) -> None:
    if "EntityDescriptor" not in document:
        raise AwsError("InvalidInput", "Could not parse metadata: an EntityDescriptor is expected")


def get_saml(call: Call) -> Result:
    entity, shown = _provider(call, "saml-provider", call.given["SAMLProviderArn"])
    return shown | {"CreateDate": entity.items("setting")[""].since}


def list_saml(call: Call) -> Result:
    found = of_category(call.directory, call.account, "saml-provider")
    return {
        "SAMLProviderList": [{"Arn": arn, "CreateDate": entity.items("setting")[""].since} for arn, entity in found]
    }


def update_saml(call: Call) -> Plan:
    arn, document = call.given["SAMLProviderArn"], call.get("SAMLMetadataDocument")
    _, shown = _provider(call, "saml-provider", arn)
    if document is None:
        raise invalid("SAMLMetadataDocument is required")
    _check_metadata(document)
    plan = _put(call, "saml-provider", arn, shown | {"SAMLMetadataDocument": document})
    return Plan(commands=plan.commands, answer=lambda _: {"SAMLProviderArn": arn})


def _delete(category: str, parameter: str, call: Call) -> Plan:
    return Plan(commands=[RemoveSetting(account=call.account, category=category, name=call.given[parameter])])


def _tag(category: str, parameter: str, call: Call) -> Plan:
    arn = call.given[parameter]
    _, shown = _provider(call, category, arn)
    tags = {each["Key"]: each["Value"] for each in shown.get("Tags", [])} | tags_given(call)
    if len(tags) > 50:
        raise AwsError("LimitExceeded", "Cannot exceed quota for TagsPerEntity: 50", 409)
    return _put(call, category, arn, shown | {"Tags": [{"Key": k, "Value": v} for k, v in sorted(tags.items())]})


def _untag(category: str, parameter: str, call: Call) -> Plan:
    arn = call.given[parameter]
    _, shown = _provider(call, category, arn)
    tags = [each for each in shown.get("Tags", []) if each["Key"] not in call.given["TagKeys"]]
    return _put(call, category, arn, shown | {"Tags": tags})


def _list_tags(category: str, parameter: str, call: Call) -> Result:
    _, shown = _provider(call, category, call.given[parameter])
    return page(call, shown.get("Tags", []), "Tags")


READS: dict[str, Read] = {
    "ListAccountAliases": list_account_aliases,
    "GetAccountPasswordPolicy": get_account_password_policy,
    "GetOpenIDConnectProvider": get_oidc,
    "ListOpenIDConnectProviders": list_oidc,
    "GetSAMLProvider": get_saml,
    "ListSAMLProviders": list_saml,
}
CHANGES: dict[str, Change] = {
    "CreateAccountAlias": create_account_alias,
    "DeleteAccountAlias": delete_account_alias,
    "UpdateAccountPasswordPolicy": update_account_password_policy,
    "DeleteAccountPasswordPolicy": delete_account_password_policy,
    "CreateOpenIDConnectProvider": create_oidc,
    "UpdateOpenIDConnectProviderThumbprint": update_thumbprints,
    "AddClientIDToOpenIDConnectProvider": add_client,
    "RemoveClientIDFromOpenIDConnectProvider": remove_client,
    "CreateSAMLProvider": create_saml,
    "UpdateSAMLProvider": update_saml,
}
for _word, _category in (("OpenIDConnectProvider", "oidc-provider"), ("SAMLProvider", "saml-provider")):
    _arn = f"{_word}Arn"
    READS[f"List{_word}Tags"] = partial(_list_tags, _category, _arn)
    CHANGES[f"Delete{_word}"] = partial(_delete, _category, _arn)
    CHANGES[f"Tag{_word}"] = partial(_tag, _category, _arn)
    CHANGES[f"Untag{_word}"] = partial(_untag, _category, _arn)
