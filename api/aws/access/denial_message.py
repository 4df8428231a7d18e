"""The message that says why a call was denied, sealed; sts:DecodeAuthorizationMessage opens it.

The message has the members that AWS documents:
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.vocabulary.context_values import ContextValues

MAX_LENGTH = 4_000
"""Bytes up to which a message contains all condition keys."""


def _purpose(account: str) -> str:
    return f"authorization message of {account}"


def encode(call: Call, action: str, resource: str, decision: Decision, keys: ContextValues) -> str:
    """The sealed message in URL-safe base64."""
    denying = [each for each in decision.determining if each.effect == "Deny"]
    message: dict[str, Any] = {
        "allowed": False,
        "explicitDeny": decision.effect == "explicit_deny",
        "matchedStatements": {
            "items": [
                {"statementId": each.sid, "effect": "DENY", "policy": each.policy, "statement": each.statement}
                for each in denying
            ]
        },
        "failures": {"items": [{"layer": layer} for layer in decision.blocked_by]},
        "context": {
            "principal": {"id": call.identity.user_id, "arn": call.identity.arn},
            "action": action,
            "resource": resource,
            "conditions": {
                "items": [{"key": key, "values": {"items": [{"value": v} for v in values]}}
                          for key, values in sorted(keys.items())]
            },
        },
    }  # fmt: skip
    plain = orjson.dumps(message)
    if len(plain) > MAX_LENGTH:
        del message["context"]["conditions"]  # the size of a header is limited
        plain = orjson.dumps(message)
    key, sealed = call.vault.seal(plain, _purpose(call.account))
    return base64.urlsafe_b64encode(bytes.fromhex(key) + sealed).decode()


def decode(call: Call, text: str) -> str:
    """Opens a message. Raises AwsError InvalidAuthorizationMessageException unless it was sealed here for this
    account."""
    try:
        raw = base64.urlsafe_b64decode(text)
        return call.vault.open(raw[8:], _purpose(call.account), raw[:8].hex()).decode()
    except (binascii.Error, ValueError, MasterKeyMissing, SealBroken):
        raise AwsError("InvalidAuthorizationMessageException", "Message is not valid") from None
