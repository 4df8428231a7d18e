"""A chain of CloudTrail's digest files over log files, signed by a key of the test's own."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.records import ACCOUNT

BUCKET = "trail-bucket"
_TRAIL = f"{ACCOUNT}_CloudTrail-Digest_us-east-1_main_us-east-1"


class Chain:
    """Hourly digests; `signatures` are those that S3 keeps beside each."""

    def __init__(self) -> None:
        self._key: RSAPrivateKey = generate_private_key(65537, 2048)
        self.digests: list[dict[str, Any]] = []
        self.contents: list[bytes] = []
        self.signatures: list[str] = []

    @property
    def public_key(self) -> str:
        """In base64, as ListPublicKeys gives it."""
        return base64.b64encode(self._key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()

    def public_keys(self) -> bytes:
        """What `aws cloudtrail list-public-keys` prints."""
        key = {"Value": self.public_key, "Fingerprint": "f1", "ValidityStartTime": 1, "ValidityEndTime": 9999999999}
        return orjson.dumps({"PublicKeyList": [key]})

    def add(self, logs: Sequence[tuple[str, bytes]]) -> str:
        """The digest of the next hour, over log files with these names and inflated contents; returns its object."""
        hour = len(self.digests)
        name = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-1/2026/03/03/{_TRAIL}_20260303T{hour + 1:02}0000Z.json.gz"
        before = self.digests[-1] if self.digests else None
        digest = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": f"2026-03-03T{hour:02}:00:00Z", "digestEndTime": f"2026-03-03T{hour + 1:02}:00:00Z",
            "digestS3Bucket": BUCKET, "digestS3Object": name, "digestPublicKeyFingerprint": "f1",
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": None, "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before["digestS3Object"] if before else None,
            "previousDigestHashValue": sha256(self.contents[-1]).hexdigest() if before else None,
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": self.signatures[-1] if before else None,
            "logFiles": [
                {"s3Bucket": BUCKET, "s3Object": f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/03/03/{log}",
                 "hashValue": sha256(content).hexdigest(), "hashAlgorithm": "SHA-256"}
                for log, content in logs
            ],
        }  # fmt: skip
        content = orjson.dumps(digest)
        previous = digest["previousDigestSignature"] or "null"
        text = f"{digest['digestEndTime']}\n{BUCKET}/{name}\n{sha256(content).hexdigest()}\n{previous}"
        self.signatures.append(self._key.sign(text.encode(), PKCS1v15(), SHA256()).hex())
        self.digests.append(digest)
        self.contents.append(content)
        return name

    def write(self, folder: Path) -> list[Path]:
        """The digests as files, as S3's layout has them."""
        paths = []
        for digest, content in zip(self.digests, self.contents, strict=True):
            path = folder / digest["digestS3Object"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(content))
            paths.append(path)
        return paths
