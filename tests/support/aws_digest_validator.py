"""The AWS CLI's own check of digest files, in a process of its own: to import the AWS CLI puts another botocore in the
place of ours, for the whole process."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

_PROGRAM = """
import base64, json, sys
from awscli.customizations.cloudtrail.validation import DigestSignatureError, Sha256RSADigestValidator

validator, found = Sha256RSADigestValidator(), []
for one in json.load(sys.stdin):
    content = base64.b64decode(one["content"])
    try:
        validator.validate("bucket", "key", one["public_key"], one["digest"], content)
        is_valid = True
    except DigestSignatureError:
        is_valid = False
    found.append([is_valid, validator._create_string_to_sign(one["digest"], content).decode()])
json.dump(found, sys.stdout)
"""


class Signed(NamedTuple):
    """A digest as it was read, with its signature as `_signature`; its inflated bytes; the key in base64."""

    digest: dict[str, Any]
    content: bytes
    public_key: str


class Verdict(NamedTuple):
    is_valid: bool
    signed_text: str


def validated(each: Sequence[Signed]) -> list[Verdict]:
    """What the AWS CLI says of each."""
    asked = [one._asdict() | {"content": base64.b64encode(one.content).decode()} for one in each]
    done = subprocess.run([sys.executable, "-c", _PROGRAM], input=orjson.dumps(asked), capture_output=True, check=True)
    return [Verdict(*one) for one in orjson.loads(done.stdout)]
