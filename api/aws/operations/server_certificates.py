"""Server certificates of the account.

A server certificate's private key is only compared with the certificate and is not stored: nothing here serves TLS with
it, and IAM never returns it.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, tags_given
from erstwhile.api.aws.operations import tagged
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.operations.signing_certificates import read_certificate
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.commands.settings import CreateSetting, MoveSetting, RemoveSetting, of_category
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant

CATEGORY = "server-certificate"
MAX_CERTIFICATES = 20


def _check_pair(certificate: x509.Certificate, private_key: str) -> None:
    try:
        key: Any = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        raise AwsError(
            "MalformedCertificate", "Unable to parse private key. It must be in unencrypted PEM format."
        ) from None
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise AwsError("KeyPairMismatch", "The public key certificate and the private key do not match.")


def upload_server_certificate(call: Call) -> Plan:
    given, name = call.given, call.given["ServerCertificateName"]
    certificate = read_certificate(given["CertificateBody"])
    _check_pair(certificate, given["PrivateKey"])
    if given.get("CertificateChain"):
        read_certificate(given["CertificateChain"])
    tags = tags_given(call)
    attributes = {
        "Path": call.get("Path", "/"), "ServerCertificateId": new_id("ASCA", 17),
        "CertificateBody": given["CertificateBody"], "CertificateChain": given.get("CertificateChain", ""),
        "UploadDate": tagged.created(call),
        "Expiration": format_instant(certificate.not_valid_after_utc),
    }  # fmt: skip
    command = CreateSetting(
        account=call.account,
        category=CATEGORY,
        name=name,
        attributes=tagged.attributes(attributes, tags),
        most=MAX_CERTIFICATES,
    )

    def answer(directory: Directory) -> Result:
        entity = directory.at((call.account, "setting", f"{CATEGORY}/{name}"))
        return {"ServerCertificateMetadata": _metadata(call, name, entity), "Tags": tagged.shown(tags)}

    return Plan(command=command, answer=answer)


def _metadata(call: Call, name: str, entity: Entity) -> dict[str, Any]:
    """The metadata of a certificate; for an observed account only the members that its records contain."""
    value = entity.setting
    path = value.get("Path", "/")
    found: dict[str, Any] = {
        "Path": path, "ServerCertificateName": name, "ServerCertificateId": value.get("ServerCertificateId", "unknown"),
        "Arn": f"arn:{call.partition}:iam::{call.account}:{CATEGORY}{path}{name}",
    }  # fmt: skip
    for each in ("UploadDate", "Expiration"):
        if value.get(each):
            found[each] = parse_instant(value[each])
    return found


def get_server_certificate(call: Call) -> Result:
    name = call.given["ServerCertificateName"]
    entity = tagged.need(call, CATEGORY, name)
    value = entity.setting
    found = {
        "ServerCertificateMetadata": _metadata(call, name, entity),
        "CertificateBody": value.get("CertificateBody", ""),
        "Tags": tagged.shown(tagged.tags_of(entity)),
    }
    chain = value.get("CertificateChain")
    return {"ServerCertificate": found | ({"CertificateChain": chain} if chain else {})}


def list_server_certificates(call: Call) -> Result:
    prefix = call.get("PathPrefix", "/")
    held = of_category(call.directory, call.account, CATEGORY)
    found = [_metadata(call, name, entity) for name, entity in held]
    under = [each for each in found if each["Path"].startswith(prefix)]
    return page_of(call, under, "ServerCertificateMetadataList", lambda each: each["ServerCertificateName"])


def update_server_certificate(call: Call) -> Plan:
    name = call.given["ServerCertificateName"]
    entity = tagged.need(call, CATEGORY, name)
    value = dict(entity.setting)
    command = MoveSetting(
        account=call.account, category=CATEGORY, name=name, new_name=call.get("NewServerCertificateName", name),
        attributes=value | {"Path": call.get("NewPath", value.get("Path", "/"))},
    )  # fmt: skip
    return Plan(command=command)


def delete_server_certificate(call: Call) -> Plan:
    name = call.given["ServerCertificateName"]
    return Plan(command=RemoveSetting(account=call.account, category=CATEGORY, name=name))


OPERATIONS: dict[str, Operation] = {
    "UploadServerCertificate": upload_server_certificate,
    "GetServerCertificate": get_server_certificate,
    "ListServerCertificates": list_server_certificates,
    "UpdateServerCertificate": update_server_certificate,
    "DeleteServerCertificate": delete_server_certificate,
    **tagged.operations("ServerCertificate", CATEGORY, "ServerCertificateName"),
}
