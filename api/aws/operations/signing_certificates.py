"""Signing certificates of users (X.509)."""

from __future__ import annotations

from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result
from erstwhile.api.aws.operations import tagged, user_credentials
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.directory.directory import Directory

KIND = "signing-certificate"


def read_certificate(text: str) -> x509.Certificate:
    """Raises AwsError MalformedCertificate."""
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        message = "Unable to parse certificate. Please ensure the certificate is in PEM format."
        raise AwsError("MalformedCertificate", message) from None


def upload(call: Call) -> Plan:
    body, user = call.given["CertificateBody"], call.need("user", call.user_name())
    certificate = read_certificate(body)
    if certificate.not_valid_after_utc < call.now:
        raise AwsError("InvalidCertificate", "The certificate has expired.")
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    for each in call.directory.by_name(call.account, "user").values():
        if any(value["attributes"].get("sha256") == fingerprint for _, value in user_credentials.of_user(each, KIND)):
            raise AwsError("DuplicateCertificate", "The certificate already exists.", 409)
    certificate_id = new_id("", 24)
    attributes = {"body": body, "sha256": fingerprint, "at": tagged.created(call)}
    command = user_credentials.put(call, user, KIND, certificate_id, attributes)

    def answer(directory: Directory) -> Result:
        value = user_credentials.just_put(directory, user, KIND, certificate_id)
        return {"Certificate": _shown(user.name, certificate_id, value)}

    return Plan(command=command, answer=answer)


def _shown(user_name: str, certificate_id: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "UserName": user_name, "CertificateId": certificate_id,
        "CertificateBody": value["attributes"].get("body", ""), "Status": value["status"],
        **user_credentials.at(value, "UploadDate"),
    }  # fmt: skip


def listing(call: Call) -> Result:
    user = call.need("user", call.user_name())
    found = [_shown(user.name, each, value) for each, value in user_credentials.of_user(user, KIND)]
    return page_of(call, found, "Certificates", lambda each: each["CertificateId"])


OPERATIONS: dict[str, Operation] = {
    "UploadSigningCertificate": upload,
    "ListSigningCertificates": listing,
    "UpdateSigningCertificate": partial(user_credentials.update, KIND, "CertificateId"),
    "DeleteSigningCertificate": partial(user_credentials.delete, KIND, "CertificateId"),
}
