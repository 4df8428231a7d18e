"""CloudTrail's names of log files and digests, and the text of digests.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html,
…/cloudtrail-log-file-examples.html (names), …/cloudtrail-log-file-validation-digest-file-structure.html.
`domain/observed/cloudtrail/digest_files.py` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
import orjson

BUCKET = "erstwhile"
"""What digests say of where they lie: CloudTrail names a bucket of S3."""
TRAIL = "erstwhile"


class LogFile(msgspec.Struct, frozen=True):
    """A log file that was written. `hash_value`: SHA-256 of its inflated content; `oldest`, `newest`: of its events."""

    object: str
    hash_value: str
    oldest: datetime
    newest: datetime


class Digest(msgspec.Struct, frozen=True):
    """A digest that was written, as the next one names it. `end`: of the time that it is about."""

    object: str
    hash_value: str
    signature: str
    end: datetime


def log_object(account: str, region: str, at: datetime, part: int) -> str:
    """The path of a log file. The unique text of its name is made of what it is about: the same export has the same
    names."""
    minute = f"{at:%Y%m%dT%H%MZ}"
    unique = sha256(f"{account}/{region}/{minute}/{part}".encode()).hexdigest()[:16]
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/{at:%Y/%m/%d}/{account}_CloudTrail_{region}_{minute}_{unique}.json.gz"
    )


def digest_object(account: str, region: str, end: datetime) -> str:
    """The path of the digest of a time that ends then."""
    name = f"{account}_CloudTrail-Digest_{region}_{TRAIL}_{region}_{end:%Y%m%dT%H%M%SZ}.json.gz"
    return f"AWSLogs/{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/{name}"


def digest_text(
    account: str, region: str, begin: datetime, end: datetime, files: Sequence[LogFile], before: Digest | None,
    fingerprint: str,
) -> bytes:  # fmt: skip
    """A digest's content. `before`: the one before it in its chain."""
    times = [each.oldest for each in files] + [each.newest for each in files]
    content: dict[str, Any] = {
        "awsAccountId": account,
        "digestStartTime": _second(begin),
        "digestEndTime": _second(end),
        "digestS3Bucket": BUCKET,
        "digestS3Object": digest_object(account, region, end),
        "digestPublicKeyFingerprint": fingerprint,
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": _second(max(times)) if times else None,
        "oldestEventTime": _second(min(times)) if times else None,
        "previousDigestS3Bucket": BUCKET if before else None,
        "previousDigestS3Object": before.object if before else None,
        "previousDigestHashValue": before.hash_value if before else None,
        "previousDigestHashAlgorithm": "SHA-256" if before else None,
        "previousDigestSignature": before.signature if before else None,
        "logFiles": [
            {
                "s3Bucket": BUCKET, "s3Object": each.object, "hashValue": each.hash_value, "hashAlgorithm": "SHA-256",
                "newestEventTime": _second(each.newest), "oldestEventTime": _second(each.oldest),
            }
            for each in files
        ],
    }  # fmt: skip
    return orjson.dumps(content)


def text_to_sign(end: datetime, object_: str, hash_value: str, before: Digest | None) -> bytes:
    """What a digest's signature is of.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
    """
    signature = before.signature if before else "null"
    return f"{_second(end)}\n{BUCKET}/{object_}\n{hash_value}\n{signature}".encode()


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
