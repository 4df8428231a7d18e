"""Reads SAML 2.0 metadata of providers, and checks assertions that they signed.

Sources: https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_instant

_SAML = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
}
log = logging.getLogger("erstwhile")
_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
LEEWAY = timedelta(minutes=5)
"""The permitted difference between the provider's clock and this server's."""
MAX_CERTIFICATES = 20
"""Keys of one provider: an assertion may have to be checked with each."""
MAX_DEPTH = 60
"""Levels of nested elements in an assertion."""
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_ID = re.compile(r"[A-Za-z_][\w.-]{0,255}", re.ASCII)


class Metadata(msgspec.Struct, frozen=True):
    """A provider's entity id, and the certificates of its signing keys."""

    entity_id: str
    certificates: tuple[x509.Certificate, ...]
    valid_until: datetime | None = None


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """An assertion whose signature and times were checked."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    name_qualifier: str
    expires: datetime
    session_ends: datetime | None = None  # SessionNotOnOrAfter
    audiences: tuple[str, ...] = ()
    attributes: Mapping[
        str, tuple[str, ...]
    ]  # attributes under AWS's names without their prefix: Role, RoleSessionName, …


def _parsed(text: bytes) -> Any:
    """Parses XML without entities, DTDs and network access. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(text, parser)
    if root.getroottree().docinfo.doctype:
        raise etree.XMLSyntaxError("a DTD is not taken", 0, 0, 0)
    return root


@lru_cache(maxsize=16)
def read_metadata(document: str) -> Metadata:
    """Reads metadata; caches the last documents, because a large one takes a second. Raises AwsError InvalidInput."""
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
    distinct = {each.fingerprint(hashes.SHA256()): each for each in held}
    if not distinct:
        raise _no_metadata("an IDPSSODescriptor with a signing certificate is expected")
    if len(distinct) > MAX_CERTIFICATES:
        raise _no_metadata(f"it has more than {MAX_CERTIFICATES} signing certificates")
    try:
        until = parse_instant(root.get("validUntil")) if root.get("validUntil") else None
    except MalformedInstant as error:
        raise _no_metadata(f"validUntil: {error}") from None
    return Metadata(root.get("entityID"), tuple(distinct.values()), until)


def _no_metadata(why: str) -> AwsError:
    return AwsError("InvalidInput", f"Could not parse metadata: {why}")


def _refuse(why: str) -> AwsError:
    return AwsError("InvalidIdentityToken", f"The SAML assertion is not valid: {why}")


def verify(encoded: str, metadata: Metadata, now: datetime) -> Assertion:
    """Returns the assertion of a base64-encoded response. Reads only signed elements.

    Raises AwsError InvalidIdentityToken, ExpiredTokenException, IDPRejectedClaim.
    """
    try:
        response = _parsed(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, etree.XMLSyntaxError):
        raise _refuse("it is not a response in base64") from None
    status = response.find("p:Status/p:StatusCode", _SAML)
    if status is not None and status.get("Value") != _SUCCESS:
        raise AwsError("IDPRejectedClaim", "The identity provider did not authenticate the user.", 403)
    _require_plain(response)
    signed = _signed(response, metadata)
    assertions = [signed] if signed.tag == _ASSERTION else signed.findall("a:Assertion", _SAML)
    if len(assertions) != 1:
        raise _refuse("one signed assertion is expected")
    return _read(assertions[0], metadata, now)


_ASSERTION = f"{{{_SAML['a']}}}Assertion"
_RESPONSE = f"{{{_SAML['p']}}}Response"
_SIGNATURE = f"{{{_SAML['ds']}}}Signature"


def _require_plain(response: Any) -> None:
    """Checks that the response has one assertion as a direct child, signatures only in their proper places, and unique
    ids: so no element can be mistaken for the signed one.

    Source: https://www.usenix.org/conference/usenixsecurity12/technical-sessions/presentation/somorovsky
    """
    if response.tag != _RESPONSE:
        raise _refuse("a Response is expected")
    ids: set[str] = set()
    signatures = 0
    for element in response.iter(etree.Element):
        if sum(1 for _ in element.iterancestors()) > MAX_DEPTH:
            raise _refuse("its elements are nested too deeply")
        if element.tag in (_ASSERTION, f"{{{_SAML['a']}}}EncryptedAssertion") and element.getparent() is not response:
            raise _refuse("the assertion must stand right within the response")
        if element.tag == _SIGNATURE:
            signatures += 1
            if element.getparent() is not response and element.getparent().tag != _ASSERTION:
                raise _refuse("a signature must stand right within the response or its assertion")
        element_id = element.get("ID")
        if element_id is not None:
            if element_id in ids or not _ID.fullmatch(element_id):
                raise _refuse("the ID of each of its elements must be one, and stand once")
            ids.add(element_id)
    if len(response.findall("a:Assertion", _SAML)) != 1:
        raise _refuse("one assertion is expected, not encrypted")
    if not signatures:
        raise _refuse("no key of the provider's metadata has signed it")
    if signatures > 2:
        raise _refuse("it has more signatures than a response and its assertion")


def _signed(response: Any, metadata: Metadata) -> Any:
    """The element that a key of the provider signed: the response or the assertion in it."""
    for location in ("./", f"./{_ASSERTION}/"):
        if response.find(f"{location}{_SIGNATURE}") is None:
            continue
        config = SignatureConfiguration(location=location, expect_references=1)
        for certificate in metadata.certificates:
            try:
                found = XMLVerifier().verify(response, x509_cert=certificate, id_attribute="ID", expect_config=config)
            except Exception as error:  # noqa: BLE001 - whatever the verifier cannot read is not validly signed
                log.debug("a SAML signature does not hold: %r", error)
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
    data = _confirmation(assertion)
    name_id = assertion.find("a:Subject/a:NameID", _SAML)
    if data is None or name_id is None or not data.get("Recipient") or not data.get("NotOnOrAfter"):
        raise _refuse("its subject must have a NameID, and confirmation data with Recipient and NotOnOrAfter")
    until = [_instant(data.get("NotOnOrAfter"))]
    if conditions is not None:
        if conditions.get("NotBefore") and _instant(conditions.get("NotBefore")) > now + LEEWAY:
            raise _refuse("it is not yet valid")
        if conditions.get("NotOnOrAfter"):
            until.append(_instant(conditions.get("NotOnOrAfter")))
    if data.get("NotBefore") and _instant(data.get("NotBefore")) > now + LEEWAY:
        raise _refuse("it is not yet valid")
    if min(until) + LEEWAY <= now:
        raise AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
    ends = [
        _instant(each.get("SessionNotOnOrAfter"))
        for each in assertion.iterfind("a:AuthnStatement", _SAML)
        if each.get("SessionNotOnOrAfter")
    ]
    attributes: dict[str, tuple[str, ...]] = {}
    for each in assertion.iterfind("a:AttributeStatement/a:Attribute", _SAML):
        name = each.get("Name", "")
        if name.startswith(_ATTRIBUTES):
            values = tuple(_text(value) for value in each.iterfind("a:AttributeValue", _SAML))
            attributes[name.removeprefix(_ATTRIBUTES)] = values
    return Assertion(
        issuer=issuer, subject=_text(name_id), subject_type=_subject_type(name_id.get("Format", "")),
        recipient=data.get("Recipient"),
        audiences=tuple(_text(each) for each in assertion.iterfind(_AUDIENCES, _SAML)),
        session_ends=min(ends, default=None),
        name_qualifier=name_id.get("NameQualifier", ""), expires=min(until), attributes=attributes,
    )  # fmt: skip


_AUDIENCES = "a:Conditions/a:AudienceRestriction/a:Audience"


def _confirmation(assertion: Any) -> Any:
    """The SubjectConfirmationData of the method `bearer`; None where there is none."""
    for each in assertion.iterfind("a:Subject/a:SubjectConfirmation", _SAML):
        if each.get("Method") == _BEARER:
            return each.find("a:SubjectConfirmationData", _SAML)
    return None


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
    """saml:namequalifier, computed like AWS: a hash of issuer, account and provider.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    digest = hashlib.sha1(f"{issuer}{account}/{provider_name}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
