"""CloudTrail's own digest files: which log files were delivered, with which content, in a chain of signatures.

A digest names each log file with the SHA-256 of its inflated content, and the digest before it with its hash and
signature. The signature of the newest digest is kept by S3 beside the file, so a copied folder does not have it: each
other one is verified by what its successor says of it.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html,
…/cloudtrail-log-file-custom-validation.html (what is signed, by RSA with SHA-256, PKCS #1 v1.5).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import decode


class MalformedDigest(MalformedInput):
    """a file that is no digest of CloudTrail's, or no list of its public keys"""

    code = "malformed_digest"


class DigestedLog(msgspec.Struct, frozen=True, rename="camel"):
    """A log file, as a digest names it."""

    s3_object: str = msgspec.field(name="s3Object")
    hash_value: str


class DigestFile(msgspec.Struct, frozen=True, rename="camel"):
    """The members of a digest file that are looked at."""

    digest_start_time: str
    digest_end_time: str
    bucket: str = msgspec.field(name="digestS3Bucket")
    object: str = msgspec.field(name="digestS3Object")
    fingerprint: str = msgspec.field(name="digestPublicKeyFingerprint")
    previous_object: str | None = msgspec.field(name="previousDigestS3Object", default=None)
    previous_hash: str | None = msgspec.field(name="previousDigestHashValue", default=None)
    previous_signature: str | None = msgspec.field(name="previousDigestSignature", default=None)
    log_files: list[DigestedLog] = []
    content_sha256: str = ""
    """Of the inflated file, in hexadecimal."""

    @property
    def chain(self) -> str:
        """What all digests of one account, region and trail have in common."""
        name = self.object.rpartition("/")[2].removesuffix(".json.gz")
        is_backfill = name.endswith("_backfill")
        return name.removesuffix("_backfill").rpartition("_")[0] + ("_backfill" if is_backfill else "")

    def signed_text(self) -> bytes:
        """What the signature of this digest is of."""
        before = self.previous_signature or "null"
        return f"{self.digest_end_time}\n{self.bucket}/{self.object}\n{self.content_sha256}\n{before}".encode()


class State(StrEnum):
    """Of a digest or a log file."""

    VERIFIED = "verified"
    UNSIGNED = "not signed here"
    """The content is what a digest says, whose signature is not at hand."""
    ALTERED = "altered"
    APPENDED = "appended to"
    """The log is what was delivered; something stands behind it in the same file."""
    UNCOVERED = "in no digest"


class DigestFinding(msgspec.Struct, frozen=True):
    """Something that is wrong with the delivery. `object`: of S3."""

    kind: str
    object: str
    explanation: str


class Delivery(msgspec.Struct, frozen=True):
    """What the digests of a folder say."""

    states: dict[str, State]
    """Of digests, by their objects."""
    logs: dict[str, tuple[DigestedLog, str]]
    """The log files, by the last part of their names; and the digest that names each."""
    findings: list[DigestFinding]

    def state_of(self, name: str, content_sha256: str, is_appended: bool) -> tuple[State, str]:
        """Of a log file by the last part of its name and the hash of its inflated (first) content; and the digest that
        names it, '' for none."""
        named = self.logs.get(name)
        if named is None:
            return State.UNCOVERED, ""
        log, digest = named
        if log.hash_value.lower() != content_sha256 or self.states[digest] is State.ALTERED:
            return State.ALTERED, digest
        return (State.APPENDED if is_appended else self.states[digest]), digest


PublicKeys = Mapping[str, RSAPublicKey]
"""By fingerprint."""


def parse_digest(data: bytes) -> DigestFile:
    """The inflated content of a digest file. Raises MalformedDigest."""
    try:
        found = decode(data, DigestFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedDigest(f"no digest file of CloudTrail: {error}") from None
    return msgspec.structs.replace(found, content_sha256=sha256(data).hexdigest())


class _Key(msgspec.Struct, rename="pascal"):
    value: str
    fingerprint: str


class _Keys(msgspec.Struct, rename="pascal"):
    public_key_list: list[_Key]


def parse_public_keys(data: bytes) -> dict[str, RSAPublicKey]:
    """What `aws cloudtrail list-public-keys` prints. Raises MalformedDigest."""
    expected = "expected what `aws cloudtrail list-public-keys --start-time … --end-time …` prints"
    try:
        listed = decode(data, _Keys).public_key_list
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedDigest(f"no list of public keys: {error}; {expected}") from None
    found = {each.fingerprint: _rsa(each) for each in listed}
    if not found:
        raise MalformedDigest(f"the list has no public key; {expected}")
    return found


def _rsa(key: _Key) -> RSAPublicKey:
    try:
        loaded = load_der_public_key(base64.b64decode(key.value, validate=True))
    except (binascii.Error, ValueError):
        raise MalformedDigest(f"the public key {key.fingerprint} is not base64 of a key in DER") from None
    if not isinstance(loaded, RSAPublicKey):
        raise MalformedDigest(f"the public key {key.fingerprint} is no RSA key")
    return loaded


def check(digests: Iterable[DigestFile], keys: PublicKeys) -> Delivery:
    """Follows the chains from their ends, and says what is wrong with them."""
    by_object = {each.object: each for each in digests}
    after = {each.previous_object: each for each in by_object.values() if each.previous_object}
    chains: dict[str, list[DigestFile]] = {}
    for each in sorted(by_object.values(), key=lambda digest: digest.digest_end_time):
        chains.setdefault(each.chain, []).append(each)
    earlier = {this.object: before for chain in chains.values() for before, this in pairwise(chain)}
    states: dict[str, State] = {}
    findings: list[DigestFinding] = []
    for each in sorted(by_object.values(), key=lambda digest: digest.digest_end_time, reverse=True):
        states[each.object], why = _state(each, after.get(each.object), states, keys)
        if why:
            findings.append(DigestFinding("digest altered", each.object, why))
        before, last = each.previous_object, earlier.get(each.object)
        if last is not None and before not in by_object:
            findings.append(_gap(each, last))
    logs = {
        log.s3_object.rpartition("/")[2]: (log, each.object) for each in by_object.values() for log in each.log_files
    }
    return Delivery(states, logs, findings[::-1])


def _gap(digest: DigestFile, last: DigestFile) -> DigestFinding:
    """`last`: the one before it that is here."""
    since = f"nothing says what was delivered from {last.digest_end_time} to {digest.digest_start_time}"
    if digest.previous_object is None:
        return DigestFinding("chain begun anew", digest.object, f"validation was off, or the trail was: {since}")
    return DigestFinding("digest missing", digest.previous_object, since)


def _state(
    digest: DigestFile, successor: DigestFile | None, states: Mapping[str, State], keys: PublicKeys
) -> tuple[State, str]:
    """The state of a digest, and why where it was altered."""
    if successor is None or states[successor.object] is State.ALTERED:
        return State.UNSIGNED, ""
    if (successor.previous_hash or "").lower() != digest.content_sha256:
        return State.ALTERED, f"its content is not what {successor.object} says it was"
    key = keys.get(digest.fingerprint)
    if key is None:
        return State.UNSIGNED, ""
    try:
        key.verify(bytes.fromhex(successor.previous_signature or ""), digest.signed_text(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return State.ALTERED, f"the signature that {successor.object} gives for it does not verify"
    return State.VERIFIED, ""
