"""The rows and events of an import of CloudTrail records."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from erstwhile.api.imports.files import SourceFile
from erstwhile.api.imports.summary import Summary
from erstwhile.api.support.random_bytes import random_bytes
from erstwhile.domain.event_log.new_events import SALT_LENGTH, NewEvent
from erstwhile.domain.events.account import RecordsImported
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome
from erstwhile.projections.keys import MOST_OF_A_KEY, is_key
from erstwhile.projections.sql import instant_text

Use = tuple[str, str, str]
"""(access key, account whose records tell it, ARN of the principal)"""
_NAMESPACE = uuid.UUID("6f1f1d5e-6c0c-5a52-9d7e-0c4f6b7a9e11")


def imported_events(source: SourceFile, fresh: list[FiledRecord]) -> list[NewEvent]:
    """One event for each account of the records: they are known from its position on."""
    found = []
    for account in sorted({each.account for each in fresh}):
        own = [each for each in fresh if each.account == account]
        changes = sum(each.translation.outcome is Outcome.CHANGE for each in own)
        body = RecordsImported(sha256=source.sha256.hex(), records=len(own), changes=changes)
        found.append(NewEvent(event_id=str(uuid.uuid4()), account=account, body=body, source="import"))
    return found


def each_once(digested: list[FiledRecord]) -> list[FiledRecord]:
    """Each record of the file once."""
    return list({(d.account, d.event_id): d for d in digested}.values())


def valid_order(each: FiledRecord) -> tuple[datetime, int, str]:
    bodies = each.translation.bodies
    return (each.occurred_at, bodies[0].rank if bodies else 0, each.event_id)


def event_of(record: Record, account: str, body: Any, part: str, action: str | None = None) -> NewEvent:
    shared = record.raw.get("sharedEventID") or record.event_id
    return NewEvent(
        # The id is made from the record, so a record makes an event once.
        event_id=str(uuid.uuid5(_NAMESPACE, f"{account}/{shared}/{part}")),
        account=account,
        body=body,
        occurred_at=record.occurred_at,
        source="cloudtrail",
        actor=record.actor,
        request_id=str(record.raw.get("requestID") or ""),
        action=f"{record.service}:{record.name}" if action is None else action,
        evidence=f"{record.account}/{record.event_id}",
        details=record.details,
        salt=random_bytes(SALT_LENGTH) if record.details is not None else b"",
    )


def issued_rows(blocks: list[tuple[int, list[FiledRecord]]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Rows of temporary credentials that calls returned: the text columns, and the others."""
    for block, part in blocks:
        for each in part:
            if each.issued is not None:
                key = each.issued.access_key[:MOST_OF_A_KEY]
                texts = (key, each.account, each.issued.principal, each.issued.session, each.principal, each.event_id)
                yield texts, f"{_instant_text(each.occurred_at)}\t{block}"


def key_uses(fresh: list[FiledRecord], known: Container[Use]) -> dict[Use, datetime]:
    """The instant at which each principal first used each access key, but for the uses that are known."""
    found: dict[Use, datetime] = {}
    for each in fresh:
        if each.access_key and each.principal:
            use = (each.access_key, each.account, each.principal)
            first = found.get(use)
            if first is None:
                if use not in known and is_key(each.access_key):
                    found[use] = each.occurred_at
            elif each.occurred_at < first:
                found[use] = each.occurred_at
    return found


def key_use_rows(uses: Mapping[Use, datetime], position: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Rows of the uses of access keys, known from a position of the log on: the text columns, and the others."""
    for use, at in uses.items():
        yield use, f"{_instant_text(at)}\t{position}"


def activity_rows(block: int, part: Sequence[FiledRecord]) -> list[tuple[tuple[str, ...], str]]:
    """The activity rows of the records of a block: the text columns, and the others."""
    found: list[tuple[tuple[str, ...], str]] = []
    for line, each in enumerate(part):
        at = _instant_text(each.occurred_at)
        texts = (
            each.account,
            each.event_id,
            f"{each.service}:{each.name}",
            each.principal,
            each.session,
            each.access_key,
            each.source_ip,
            each.user_agent,
            each.error_code,
        )
        kind = each.translation.outcome.value
        digest = hashlib.sha256(each.raw).hexdigest()
        found.append((texts, f"{at[:10]}\t{at}\t{kind}\t{block}\t{line}\t\\\\x{digest}"))
    return found


_instant_text = lru_cache(maxsize=4096)(instant_text)
"""The records of a file share their seconds."""


def count(summary: Summary, fresh: list[FiledRecord]) -> None:
    meaningful = [each for each in fresh if each.translation.outcome is not Outcome.ACTIVITY]
    summary.activity += len(fresh) - len(meaningful)
    for each in meaningful:
        name = f"{each.service}:{each.name}"
        match each.translation.outcome:
            case Outcome.CHANGE:
                summary.changes += 1
                summary.change_operations[name] += 1
            case Outcome.FAILED:
                summary.failed += 1
                summary.failed_operations[name] += 1
            case Outcome.SIGN_IN:
                summary.sign_ins += 1
            case Outcome.CLAIM:
                summary.findings += 1
                summary.claims[each.translation.reason] += 1
            case _:
                summary.not_translated += 1
                summary.reasons[each.translation.reason] += 1
