"""SSH public keys of users."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import partial
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result
from erstwhile.api.aws.operations import tagged, user_credentials
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

KIND = "ssh-public-key"


def _read(text: str) -> Any:
    """Reads a public key in the form of ssh-keygen or in PEM. Raises AwsError."""
    raw = text.strip().encode()
    try:
        if raw.startswith(b"ssh-"):
            return serialization.load_ssh_public_key(raw)
        if raw.startswith(b"-----BEGIN"):
            return serialization.load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm, binascii.Error):
        raise AwsError("InvalidPublicKey", "Unable to parse the public key.") from None
    raise AwsError("UnrecognizedPublicKeyEncoding", "The public key must be in the form of ssh-keygen, or PEM.")


def _ssh(key: Any) -> str:
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return str(key.public_bytes(*form).decode())


def _fingerprint(ssh: str) -> str:
    """MD5 with colons, as AWS shows it: it identifies the key and proves nothing."""
    digest = hashlib.md5(base64.b64decode(ssh.split()[1]), usedforsecurity=False).hexdigest()
    return ":".join(digest[n : n + 2] for n in range(0, 32, 2))


def upload(call: Call) -> Plan:
    user, key = call.need("user", call.given["UserName"]), _read(call.given["SSHPublicKeyBody"])
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise AwsError("InvalidPublicKey", "The public key must be an RSA key of 2,048 bits or more.")
    ssh = _ssh(key)
    fingerprint = _fingerprint(ssh)
    for _, value in user_credentials.of_user(user, KIND):
        if value["attributes"].get("fingerprint") == fingerprint:
            raise AwsError("DuplicateSSHPublicKey", "The SSH public key is already associated with this user.")
    key_id = new_id("APKA", 17)
    attributes = {"body": ssh, "fingerprint": fingerprint, "at": tagged.created(call)}

    def answer(directory: Directory) -> Result:
        value = user_credentials.just_put(directory, user, KIND, key_id)
        return {"SSHPublicKey": _shown(user.name, key_id, value, "SSH")}

    return Plan(command=user_credentials.put(call, user, KIND, key_id, attributes), answer=answer)


def _metadata(user_name: str, key_id: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "UserName": user_name, "SSHPublicKeyId": key_id, "Status": value["status"],
        **user_credentials.at(value, "UploadDate"),
    }  # fmt: skip


def _shown(user_name: str, key_id: str, value: dict[str, Any], encoding: str) -> dict[str, Any]:
    body = value["attributes"].get("body", "")
    if body and encoding == "PEM":
        form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        body = serialization.load_ssh_public_key(body.encode()).public_bytes(*form).decode()
    found = {"SSHPublicKeyBody": body, "Fingerprint": value["attributes"].get("fingerprint", "")}
    return _metadata(user_name, key_id, value) | found


def get(call: Call) -> Result:
    user, key_id = call.need("user", call.given["UserName"]), call.given["SSHPublicKeyId"]
    value = user_credentials.held(user, KIND, key_id)
    if value is None:
        raise NoSuchEntity(f"The Public Key with id {key_id} cannot be found.")
    return {"SSHPublicKey": _shown(user.name, key_id, value, call.given["Encoding"])}


def listing(call: Call) -> Result:
    user = call.need("user", call.user_name())
    found = [_metadata(user.name, each, value) for each, value in user_credentials.of_user(user, KIND)]
    return page_of(call, found, "SSHPublicKeys", lambda each: each["SSHPublicKeyId"])


OPERATIONS: dict[str, Operation] = {
    "UploadSSHPublicKey": upload,
    "GetSSHPublicKey": get,
    "ListSSHPublicKeys": listing,
    "UpdateSSHPublicKey": partial(user_credentials.update, KIND, "SSHPublicKeyId"),
    "DeleteSSHPublicKey": partial(user_credentials.delete, KIND, "SSHPublicKeyId"),
}
