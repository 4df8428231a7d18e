"""SAML 2.0: a provider's metadata, and assertions that it signed.

Sources: https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidCertificate, InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from erstwhile.api.aws.errors import AwsError
from erstwhile.domain.instants import MalformedInstant, parse_instant

_SAML = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
}
_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
LEEWAY = timedelta(minutes=5)
"""How far the provider's clock may be from ours."""


class Metadata(msgspec.Struct, frozen=True):
    """Who the provider is, and the certificates of the keys that it signs with."""

    entity_id: str
    certificates: tuple[x509.Certificate, ...]


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of somebody, its signature and its times checked."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    audience: str
    name_qualifier: str
    expires: datetime
    attributes: Mapping[str, tuple[str, ...]]  # by AWS's names without their prefix: Role, RoleSessionName, …


def _parsed(text: bytes) -> Any:
    """XML without entities, DTDs or network. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = etree.fromstring(text, parser)
    if root.getroottree().docinfo.doctype:
        raise etree.XMLSyntaxError("a DTD is not taken", 0, 0, 0)
    return root


def read_metadata(document: str) -> Metadata:
    """Raises AwsError InvalidInput."""
    try:
        root = _parsed(document.encode())
    except etree.XMLSyntaxError:
        raise _no_metadata("it is not XML") from None
    if root.tag != f"{{{_SAML['md']}}}EntityDescriptor" or not root.get("entityID"):
        raise _no_metadata("an EntityDescriptor with an entityID is expected")
    held = []
    for key in root.iterfind("md:IDPSSODescriptor/md:KeyDescriptor", _SAML):
        if key.get("use", "signing") == "signing":
            for each in key.iterfind(".//ds:X509Certificate", _SAML):
                try:
                    held.append(x509.load_der_x509_certificate(base64.b64decode("".join((each.text or "").split()))))
                except (ValueError, binascii.Error):
                    raise _no_metadata("an X509Certificate in it cannot be read") from None
    if not held:
        raise _no_metadata("an IDPSSODescriptor with a signing certificate is expected")
    return Metadata(root.get("entityID"), tuple(held))


def _no_metadata(why: str) -> AwsError:
    return AwsError("InvalidInput", f"Could not parse metadata: {why}")


def _refuse(why: str) -> AwsError:
    return AwsError("InvalidIdentityToken", f"The SAML assertion is not valid: {why}")


def verify(encoded: str, metadata: Metadata, now: datetime) -> Assertion:
    """The assertion of a base64-encoded response. Only what is signed is looked at.

    Raises AwsError InvalidIdentityToken, ExpiredTokenException, IDPRejectedClaim.
    """
    try:
        response = _parsed(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, etree.XMLSyntaxError):
        raise _refuse("it is not a response in base64") from None
    status = response.find("p:Status/p:StatusCode", _SAML)
    if status is not None and status.get("Value") != _SUCCESS:
        raise AwsError("IDPRejectedClaim", "The identity provider did not authenticate the user.", 403)
    signed = _signed(response, metadata)
    assertions = [signed] if signed.tag == f"{{{_SAML['a']}}}Assertion" else signed.findall("a:Assertion", _SAML)
    if len(assertions) != 1:
        raise _refuse("one signed assertion is expected")
    return _read(assertions[0], metadata, now)


def _signed(response: Any, metadata: Metadata) -> Any:
    """The element that a key of the provider has signed: the response, or the assertion in it."""
    for location in ("./", f"./{{{_SAML['a']}}}Assertion/"):
        config = SignatureConfiguration(location=location, expect_references=1)
        for certificate in metadata.certificates:
            try:
                found = XMLVerifier().verify(response, x509_cert=certificate, id_attribute="ID", expect_config=config)
            except (InvalidSignature, InvalidInput, InvalidCertificate, etree.XMLSyntaxError, ValueError, KeyError):
                continue
            element = found[0].signed_xml if isinstance(found, list) else found.signed_xml
            if element is not None:
                return element
    raise _refuse("no key of the provider's metadata has signed it")


def _read(assertion: Any, metadata: Metadata, now: datetime) -> Assertion:
    issuer = _text(assertion.find("a:Issuer", _SAML))
    if issuer != metadata.entity_id:
        raise _refuse("its issuer is not the provider")
    conditions = assertion.find("a:Conditions", _SAML)
    data = assertion.find("a:Subject/a:SubjectConfirmation/a:SubjectConfirmationData", _SAML)
    name_id = assertion.find("a:Subject/a:NameID", _SAML)
    if data is None or name_id is None or not data.get("Recipient") or not data.get("NotOnOrAfter"):
        raise _refuse("its subject must have a NameID, and confirmation data with Recipient and NotOnOrAfter")
    until = [_instant(data.get("NotOnOrAfter"))]
    if conditions is not None:
        if conditions.get("NotBefore") and _instant(conditions.get("NotBefore")) > now + LEEWAY:
            raise _refuse("it is not yet valid")
        if conditions.get("NotOnOrAfter"):
            until.append(_instant(conditions.get("NotOnOrAfter")))
    if min(until) + LEEWAY <= now:
        raise AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
    attributes: dict[str, tuple[str, ...]] = {}
    for each in assertion.iterfind("a:AttributeStatement/a:Attribute", _SAML):
        name = each.get("Name", "")
        if name.startswith(_ATTRIBUTES):
            values = tuple(_text(value) for value in each.iterfind("a:AttributeValue", _SAML))
            attributes[name.removeprefix(_ATTRIBUTES)] = values
    return Assertion(
        issuer=issuer, subject=_text(name_id), subject_type=_subject_type(name_id.get("Format", "")),
        recipient=data.get("Recipient"),
        audience=_text(assertion.find("a:Conditions/a:AudienceRestriction/a:Audience", _SAML)),
        name_qualifier=name_id.get("NameQualifier", ""), expires=min(until), attributes=attributes,
    )  # fmt: skip


def _text(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()


def _subject_type(form: str) -> str:
    """persistent, transient, or the whole URI of another format."""
    last = form.rsplit(":", 1)[-1]
    return last if last in ("persistent", "transient") else form


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except MalformedInstant as error:
        raise _refuse(str(error)) from None


def name_qualifier(issuer: str, account: str, provider_name: str) -> str:
    """saml:namequalifier, as AWS makes it: a hash of issuer, account and provider.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    digest = hashlib.sha1(f"{issuer}{account}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
