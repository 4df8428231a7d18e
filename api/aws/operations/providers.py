"""Identity providers: OpenID Connect and SAML."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, Work, tags_given
from erstwhile.api.aws.access.resource import provider_host
from erstwhile.api.aws.federation import saml
from erstwhile.api.aws.federation.issuer_urls import require_url
from erstwhile.api.aws.operations import tagged
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.commands.settings import CreateSetting, PutSetting, RemoveSetting, of_category
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.domain.vocabulary.refusals import LimitExceeded

MAX_PROVIDERS = 100
MAX_THUMBPRINTS = 5
MAX_CLIENTS = 100
"""Client ids of one OpenID Connect provider."""


def _values(call: Call, category: str, arn: str) -> dict[str, Any]:
    return tagged.values_of(tagged.need(call, category, arn))


def _put(call: Call, category: str, arn: str, **changed: Any) -> Plan:
    kept = dict(tagged.need(call, category, arn).setting) | tagged.attributes(changed)
    command = PutSetting(account=call.account, category=category, name=arn, attributes=kept, must_exist=True)
    return Plan(command=command)


def _delete(category: str, parameter: str, call: Call) -> Plan:
    return Plan(command=RemoveSetting(account=call.account, category=category, name=call.given[parameter]))


def create_oidc(call: Call) -> Plan:
    require_url(call.given["Url"])
    _check_lists(call)
    host = provider_host(call.given["Url"])
    arn = f"arn:{call.partition}:iam::{call.account}:oidc-provider/{host}"
    tags = tags_given(call)
    attributes = {
        "Url": host, "ClientIDList": call.get("ClientIDList") or [], "ThumbprintList": call.get("ThumbprintList") or [],
        "CreateDate": tagged.created(call),
    }  # fmt: skip
    command = CreateSetting(
        account=call.account, category="oidc-provider", name=arn, attributes=tagged.attributes(attributes, tags),
        most=MAX_PROVIDERS,
    )  # fmt: skip
    return Plan(command=command, answer=lambda _: {"OpenIDConnectProviderArn": arn, "Tags": tagged.shown(tags)})


def _check_lists(call: Call) -> None:
    """Raises AwsError, LimitExceeded: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    if len(call.get("ThumbprintList") or ()) > MAX_THUMBPRINTS:
        raise AwsError("InvalidInput", f"Thumbprint list must contain {MAX_THUMBPRINTS} entries at most.")
    if len(call.get("ClientIDList") or ()) > MAX_CLIENTS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MAX_CLIENTS}")


def get_oidc(call: Call) -> Result:
    return _values(call, "oidc-provider", call.given["OpenIDConnectProviderArn"])


def list_oidc(call: Call) -> Result:
    found = of_category(call.directory, call.account, "oidc-provider")
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn, _ in found]}


def update_thumbprints(call: Call) -> Plan:
    _check_lists(call)
    arn = call.given["OpenIDConnectProviderArn"]
    return _put(call, "oidc-provider", arn, ThumbprintList=call.given["ThumbprintList"])


def add_client(call: Call) -> Plan:
    arn, client = call.given["OpenIDConnectProviderArn"], call.given["ClientID"]
    held = _values(call, "oidc-provider", arn)["ClientIDList"]
    if client not in held and len(held) >= MAX_CLIENTS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MAX_CLIENTS}")
    return _put(call, "oidc-provider", arn, ClientIDList=[*held, *([] if client in held else [client])])


def remove_client(call: Call) -> Plan:
    arn = call.given["OpenIDConnectProviderArn"]
    held = _values(call, "oidc-provider", arn)["ClientIDList"]
    return _put(call, "oidc-provider", arn, ClientIDList=[each for each in held if each != call.given["ClientID"]])


def create_saml(call: Call) -> Work:
    document = call.given["SAMLMetadataDocument"]
    arn = f"arn:{call.partition}:iam::{call.account}:saml-provider/{call.given['Name']}"
    tags = tags_given(call)

    def then(call: Call, metadata: saml.Metadata) -> Plan:
        given = {"SAMLMetadataDocument": document, "CreateDate": tagged.created(call)} | _valid_until(metadata)
        command = CreateSetting(
            account=call.account, category="saml-provider", name=arn, attributes=tagged.attributes(given, tags),
            most=MAX_PROVIDERS,
        )  # fmt: skip
        return Plan(command=command, answer=lambda _: {"SAMLProviderArn": arn, "Tags": tagged.shown(tags)})

    return Work(lambda _connect: saml.read_metadata(document), then, computes=True)


def _valid_until(metadata: saml.Metadata) -> dict[str, str]:
    return {"ValidUntil": format_instant(metadata.valid_until)} if metadata.valid_until is not None else {}


def _saml_shown(entity: Entity) -> dict[str, Any]:
    """The members that describe a SAML provider. Metadata without an expiry date is valid for a hundred years, as in
    IAM."""
    value = tagged.values_of(entity)
    valid_until, made = value.get("ValidUntil"), value["CreateDate"]
    until = parse_instant(valid_until) if valid_until else made + timedelta(days=36_525)
    return {"CreateDate": made, "ValidUntil": until}


def get_saml(call: Call) -> Result:
    entity = tagged.need(call, "saml-provider", call.given["SAMLProviderArn"])
    document = entity.setting.get("SAMLMetadataDocument", "")
    shown = {"SAMLMetadataDocument": document, "Tags": tagged.shown(tagged.tags_of(entity))}
    return _saml_shown(entity) | shown


def list_saml(call: Call) -> Result:
    found = of_category(call.directory, call.account, "saml-provider")
    return {"SAMLProviderList": [{"Arn": arn} | _saml_shown(entity) for arn, entity in found]}


def update_saml(call: Call) -> Work:
    arn, document = call.given["SAMLProviderArn"], call.get("SAMLMetadataDocument")
    if document is None:
        raise invalid("SAMLMetadataDocument is required: assertions that are encrypted are not taken here")
    tagged.need(call, "saml-provider", arn)

    def then(call: Call, metadata: saml.Metadata) -> Plan:
        given = {"ValidUntil": "", "SAMLMetadataDocument": document} | _valid_until(metadata)
        plan = _put(call, "saml-provider", arn, **given)
        return Plan(command=plan.command, answer=lambda _: {"SAMLProviderArn": arn})

    return Work(lambda _connect: saml.read_metadata(document), then, computes=True)


OPERATIONS: dict[str, Operation] = {
    "CreateOpenIDConnectProvider": create_oidc,
    "GetOpenIDConnectProvider": get_oidc,
    "ListOpenIDConnectProviders": list_oidc,
    "UpdateOpenIDConnectProviderThumbprint": update_thumbprints,
    "AddClientIDToOpenIDConnectProvider": add_client,
    "RemoveClientIDFromOpenIDConnectProvider": remove_client,
    "DeleteOpenIDConnectProvider": partial(_delete, "oidc-provider", "OpenIDConnectProviderArn"),
    "CreateSAMLProvider": create_saml,
    "GetSAMLProvider": get_saml,
    "ListSAMLProviders": list_saml,
    "UpdateSAMLProvider": update_saml,
    "DeleteSAMLProvider": partial(_delete, "saml-provider", "SAMLProviderArn"),
    **tagged.operations("OpenIDConnectProvider", "oidc-provider", "OpenIDConnectProviderArn"),
    **tagged.operations("SAMLProvider", "saml-provider", "SAMLProviderArn"),
}
