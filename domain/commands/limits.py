# mypyc: compiled
"""Names, paths, documents and quotas, as IAM publishes them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (default quotas)
"""

from __future__ import annotations

import re
from collections.abc import Sized

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.language.validate import Malformed, Use, check
from erstwhile.domain.vocabulary.refusals import LimitExceeded, MalformedPolicyDocument, ValidationError

_NAME = re.compile(r"^[\w+=,.@-]+$", re.ASCII)
_PATH = re.compile(r"^(/|/[\x21-\x7e]+/)$")

NAME_LENGTHS = {"user": 64, "group": 128, "role": 64, "policy": 128, "instance-profile": 128, "inline": 128}
PER_ACCOUNT = {"user": 5000, "group": 300, "role": 1000, "policy": 1500, "instance-profile": 1000}
ATTACHED = 10
GROUPS_PER_USER = 10
ACCESS_KEYS = 2
MFA_DEVICES = 8
SIGNING_CERTIFICATES = 2
SSH_PUBLIC_KEYS = 5
SERVICE_CREDENTIALS = 2
VERSIONS = 5
TAGS = 50
ROLES_PER_PROFILE = 1
DOCUMENT_LENGTH = {"policy": 6144, "trust": 2048, "user": 2048, "group": 5120, "role": 10240}
"""Characters without white space; of inline policies, all of one principal together."""


def check_name(kind: str, name: str) -> None:
    """Raises ValidationError."""
    most = NAME_LENGTHS[kind]
    if not 1 <= len(name) <= most or not _NAME.match(name):
        raise ValidationError(f"the name {name!r} is not valid: 1 to {most} letters, digits or _+=,.@- are expected")


def check_path(path: str) -> None:
    """Raises ValidationError."""
    if len(path) > 512 or not _PATH.match(path):
        raise ValidationError(f"the path {path!r} is not valid: it must begin and end with /")


def check_tags(tags: dict[str, str], already: int = 0) -> None:
    """Raises ValidationError, LimitExceeded."""
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise ValidationError(f"the tag {key!r} is not valid: keys that begin with aws: are AWS's own")
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise ValidationError(f"the tag {key!r} is not valid: keys have 1 to 128 characters, values up to 256")
    if already + len(tags) > TAGS:
        raise LimitExceeded(f"Cannot exceed quota for TagsPerEntity: {TAGS}")


def document_size(text: str) -> int:
    """Characters, white space apart: IAM does not count that."""
    return len("".join(text.split()))


def check_document(text: str, use: Use, most: int, already: int = 0, managed: bool = False) -> None:
    """Raises MalformedPolicyDocument, LimitExceeded."""
    try:
        check(text, use, managed)
    except Malformed as error:
        raise MalformedPolicyDocument(str(error), error.detail) from None
    if already + document_size(text) > most:
        raise LimitExceeded(f"Maximum policy size of {most} characters exceeded")


def check_account_quota(directory: Directory, account: str, kind: str) -> None:
    """Raises LimitExceeded. Checked without a condition: it may overshoot by the commands in flight."""
    most = PER_ACCOUNT[kind]
    if directory.count(account, kind) >= most:
        raise LimitExceeded(f"Cannot exceed quota for {kind}s per account: {most}")


def check_count(held: Sized, most: int, quota: str) -> None:
    """Raises LimitExceeded when one more would be too many."""
    if len(held) >= most:
        raise LimitExceeded(f"Cannot exceed quota for {quota}: {most}")
