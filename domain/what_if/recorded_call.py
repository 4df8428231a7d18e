"""A CloudTrail record as a call that can be decided about again."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from erstwhile.domain.observed.cloudtrail.acted_on import acted_on
from erstwhile.domain.observed.cloudtrail.called_action import action_of_call
from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord, Record
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.cloudtrail.targets import targets_of
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.vocabulary.typed import decoder
from erstwhile.domain.what_if.calls import RecordedCall

_IAM = {"userName": "user", "roleName": "role", "groupName": "group"}
"""Parameters of IAM's calls that name an entity by its name alone."""
_ASKED_ABOUT = ("IAMUser", "AssumedRole", "Root")
"""Types of callers whose record's ARN is one that can be asked about."""


def call_of(raw: dict[str, Any], account: str, key: str) -> RecordedCall | None:
    """A record of a call that succeeded; None for one that failed, or of a caller about whom nothing can be asked (a
    service, a federated user of another kind). `account`: in whose trail it stands.

    The resources are the ARNs that the record names; of IAM, also what it names by name, as if it had no path."""
    try:
        record = Record(raw)
    except MalformedRecord:
        return None
    principal = as_text(record.identity.get("arn"))
    if record.error_code or not principal or record.identity.get("type") not in _ASKED_ABOUT:
        return None
    return RecordedCall(
        key=key, at=record.occurred_at, principal=principal, action=action_of_call(f"{record.service}:{record.name}"),
        resources=_resources(record, account) or ("*",), account=account, context=_context(record),
    )  # fmt: skip


def _resources(record: Record, account: str) -> tuple[str, ...]:
    return _named(record.raw, record.service, as_text(record.identity.get("arn")), account)


def _named(raw: dict[str, Any], service: str, principal: str, account: str) -> tuple[str, ...]:
    """The ARNs that a record names. `raw`: at least its resources and parameters."""
    if service == "iam":
        parameters = as_object(raw.get("requestParameters"))
        partition = principal.partition(":")[2].partition(":")[0] or "aws"
        for parameter, kind in _IAM.items():
            name = parameters.get(parameter)
            if isinstance(name, str) and name:
                # A policy that a call attaches is not what it is done to.
                return (entity_arn(account, kind, "/", name, partition),)
    return tuple(dict.fromkeys(each for each in targets_of(raw) if each.startswith("arn:")))


class _Parts(msgspec.Struct):
    """What says of a record on what, and where, the call was made."""

    resources: Any = None
    requestParameters: Any = None
    awsRegion: Any = None


_parts = decoder(_Parts)


class Acted(NamedTuple):
    """On what a call was made, as `call_of` says, and those of its condition keys that follow from where."""

    resources: tuple[str, ...]
    context: ContextDict


def acted_in(line: bytes, action: str, principal: str, account: str, address: str) -> Acted | None:
    """What the record of a call that succeeded (as JSON) says of it, without reading the rest; None where all of it has
    to be read. The others are of its row: the operation, the ARN of the caller as the record has it, the account in
    whose trail it stands, and the address.

    Serves the rows "guardrail: …" of `make bench-incident`."""
    if b"\\" in line:
        return None  # a text may be written in more than one way, or be none that is kept
    try:
        parts = _parts.decode(line)
    except msgspec.DecodeError:
        return None
    raw = {"resources": parts.resources, "requestParameters": parts.requestParameters}
    context = keys_of_address(address)
    region = as_text(parts.awsRegion)
    if region:
        context["aws:requestedregion"] = (region,)
    return Acted(_named(raw, action.partition(":")[0], principal, account) or ("*",), context)


def _context(record: Record) -> ContextDict:
    """The condition keys that the record tells.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    found = keys_of_address(as_text(record.raw.get("sourceIPAddress")))
    region = as_text(record.raw.get("awsRegion"))
    if region:
        found["aws:requestedregion"] = (region,)
    if record.mfa is not None:
        found["aws:multifactorauthpresent"] = ("true" if record.mfa else "false",)
    return found


def calls_of(raw: dict[str, Any], account: str, key: str) -> Iterator[RecordedCall]:
    """What a record of a call that succeeded needed: the call's own action, on what its parameters say it was done to,
    and iam:PassRole for each role that it passed."""
    call = call_of(raw, account, key)
    if call is None:
        return
    resources, passed = acted_on(Record(raw))
    yield msgspec.structs.replace(call, resources=resources) if resources else call
    for each in passed:
        if ":role/" in each.arn:
            yield msgspec.structs.replace(
                call, action=PASS_ROLE, resources=(each.arn,),
                context={**call.context, "iam:passedtoservice": (each.service,)},
            )  # fmt: skip


def keys_of_address(text: str) -> ContextDict:
    """The condition keys that follow from where a call came from."""
    return {"aws:sourceip": (text,)} if _is_address(text) else {}


@lru_cache(maxsize=65_536)
def _is_address(text: str) -> bool:
    """Whether it is an IP address, not the name of a service that called on somebody's behalf."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
