"""A record → what it means: a change of access, a failed one, activity, or a write that is not translated."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from erstwhile.domain.events import Body
from erstwhile.domain.events.account import ChangeFailed
from erstwhile.domain.observed.cloudtrail.operations import ACCESS_PATTERNS, ACCESS_SERVICES, OPERATIONS
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable

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


class Outcome(StrEnum):
    """How a record was understood; the value is what activity rows keep."""

    CHANGE = "c"
    FAILED = "f"
    ACTIVITY = "a"
    NOT_TRANSLATED = "n"


class Translation(msgspec.Struct, frozen=True):
    """What a record means. `reason` says why a write was not translated."""

    outcome: Outcome
    bodies: tuple[Body, ...] = ()
    reason: str = ""


ACTIVITY = Translation(Outcome.ACTIVITY)


@lru_cache(maxsize=8192)
def operation(service: str, name: str) -> tuple[str, Translator | None]:
    """The operation's name without its API version (`AddPermission20150331v2`), and its translator."""
    plain = _API_VERSION.sub("", name) or name
    return plain, OPERATIONS.get((service, name)) or OPERATIONS.get((service, plain))


@lru_cache(maxsize=8192)
def _changes_access(service: str, name: str) -> bool:
    return service in ACCESS_SERVICES or any(part in name for part in ACCESS_PATTERNS)


def is_activity(service: str, name: str, read_only: bool, error_code: str) -> bool:
    """Whether a call changes no access, told by its name alone."""
    plain, translator = operation(service, name)
    return translator is None and (read_only or bool(error_code) or not _changes_access(service, plain))


def translate(record: Record) -> Translation:
    """Never raises for a record that could be read."""
    name, translator = operation(record.service, record.name)
    if translator is None:
        if is_activity(record.service, record.name, record.raw.get("readOnly") is True, record.error_code):
            return ACTIVITY
        return Translation(Outcome.NOT_TRANSLATED, reason=f"no translation for {record.service}:{name}")
    if record.error_code:
        return Translation(Outcome.FAILED, (_failed(record, name),))
    try:
        bodies = tuple(translator(record))
    except Untranslatable as error:
        return Translation(Outcome.NOT_TRANSLATED, reason=str(error))
    except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
        # A field of another shape than AWS documents: say so, and go on with the next record.
        return Translation(Outcome.NOT_TRANSLATED, reason=f"{record.service}:{name} has an unknown shape: {error!r}")
    return Translation(Outcome.CHANGE, bodies) if bodies else ACTIVITY


def _failed(record: Record, name: str) -> Body:
    parameters: dict[str, Any] = record.raw.get("requestParameters") or {}
    target = next((str(parameters[field]) for field in _TARGETS if parameters.get(field)), "")
    return ChangeFailed(
        operation=f"{record.service}:{name}",
        error_code=record.error_code,
        message=str(record.raw.get("errorMessage") or ""),
        target=target,
    )
