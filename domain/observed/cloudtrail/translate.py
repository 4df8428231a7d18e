"""Translates a record into its meaning: a change of access, a failed change, a sign-in, activity, a claim about another
account, or a write that has no translation."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from erstwhile.domain.events import Body
from erstwhile.domain.events.account import ChangeFailed, ClaimSetAside
from erstwhile.domain.events.slots import log_slots
from erstwhile.domain.observed.cloudtrail.access import changes_access, may_change_access, parameters_tell
from erstwhile.domain.observed.cloudtrail.generic import generic
from erstwhile.domain.observed.cloudtrail.operations import OPERATIONS
from erstwhile.domain.observed.cloudtrail.ownership import claimed
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.cloudtrail.running import RUNNING
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.cloudtrail.sign_in import is_sign_in, signed_in

_API_VERSION = re.compile(r"(20\d\d[-_]?\d\d[-_]?\d\d)?(v\d+)?$")
_TARGETS = (
    "userName",
    "roleName",
    "groupName",
    "policyArn",
    "policyName",
    "instanceProfileName",
    "bucketName",
)
MAX_SLOT = 1_000
"""The longest slot, in UTF-8 bytes, by which the event log can be queried; AWS's longest names are much shorter."""
_STATUSES = ("createAccountStatus", "accountAssignmentCreationStatus", "accountAssignmentDeletionStatus")
"""Members in which asynchronous calls report how they ended."""


class Outcome(StrEnum):
    """The kind of meaning that a record has; rows of activity store the value."""

    CHANGE = "c"
    FAILED = "f"
    SIGN_IN = "s"
    ACTIVITY = "a"
    CLAIM = "x"
    NOT_TRANSLATED = "n"


class Translation(msgspec.Struct, frozen=True):
    """What a record means. `reason` says why a write is not translated, or what a claim is about."""

    outcome: Outcome
    bodies: tuple[Body, ...] = ()
    reason: str = ""


ACTIVITY = Translation(Outcome.ACTIVITY)


@lru_cache(maxsize=8192)
def operation(service: str, name: str) -> tuple[str, Translator | None]:
    """Returns the operation's name without its API version (`AddPermission20150331v2`), and its translator, if any."""
    plain = _API_VERSION.sub("", name) or name
    return plain, OPERATIONS.get((service, name)) or OPERATIONS.get((service, plain)) or generic(plain)


def is_activity(service: str, name: str, read_only: bool, error_code: str) -> bool:
    """Whether the names alone show that a call neither changes access nor is a sign-in."""
    if is_sign_in(service, name):
        return False
    plain, translator = operation(service, name)
    return translator is None and (read_only or bool(error_code) or not may_change_access(service, plain))


def translate(record: Record) -> Translation:
    """Returns what a record means. Never raises: a record without a translation says so in `reason`."""
    if is_sign_in(record.service, record.name):
        return Translation(Outcome.SIGN_IN, (signed_in(record),))
    name, translator = operation(record.service, record.name)
    if translator is None:
        return _untranslated(record, name)
    record.error_code = record.error_code or _ended(record)
    runs = RUNNING.get((record.service, name))
    if record.error_code and translator is runs:
        return ACTIVITY
    if record.error_code:
        return Translation(Outcome.FAILED, (_failed(record, name),))
    try:
        bodies = tuple(translator(record))
        if runs is not None and translator is not runs:
            bodies += tuple(runs(record))  # a call may mean two things
        claim = claimed(record, bodies)
    except Untranslatable as error:
        return Translation(Outcome.NOT_TRANSLATED, reason=str(error))
    except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
        # A field has another JSON type than AWS documents: report it, so that the other records are still imported.
        reason = f"{record.service}:{name} has an unknown shape: {error!r}"[:300]
        return Translation(Outcome.NOT_TRANSLATED, reason=reason)
    if claim is not None:
        owner, target = claim
        aside = ClaimSetAside(operation=f"{record.service}:{name}", owner=owner, target=target)
        return Translation(Outcome.CLAIM, (aside,), f"{record.service}:{name} of {record.account} about {owner}'s")
    if any(len(slot.text.encode()) > MAX_SLOT for body in bodies for slot in log_slots(record.account, body)):
        return Translation(
            Outcome.NOT_TRANSLATED, reason=f"{record.service}:{name} names something longer than AWS does"
        )
    if parameters_tell(record.service, name, record.parameters) and record.service == "s3":
        return Translation(Outcome.NOT_TRANSLATED, bodies, f"no translation for the access list of s3:{name}")
    return Translation(Outcome.CHANGE, bodies) if bodies else ACTIVITY


def _untranslated(record: Record, name: str) -> Translation:
    service = record.service
    if record.error_code or as_text(record.raw.get("readOnly")) == "true":
        return ACTIVITY
    if not changes_access(service, name) and not parameters_tell(service, name, record.parameters):
        return ACTIVITY
    return Translation(Outcome.NOT_TRANSLATED, reason=f"no translation for {service}:{name}")


def _ended(record: Record) -> str:
    """The error code of an asynchronous call that failed after its response; '' otherwise."""
    for part in (record.raw.get("responseElements"), record.raw.get("serviceEventDetails")):
        for name in _STATUSES:
            status = as_object(as_object(part).get(name))
            if as_text(status.get("state") or status.get("status")).upper() == "FAILED":
                return as_text(status.get("failureReason")) or "FAILED"
    return ""


def _failed(record: Record, name: str) -> Body:
    given = record.parameters
    return ChangeFailed(
        operation=f"{record.service}:{name}",
        error_code=record.error_code,
        message=as_text(record.raw.get("errorMessage")),
        target=next((as_text(given[field]) for field in _TARGETS if given.get(field)), ""),
    )
