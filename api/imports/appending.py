"""What importing any document needs: its events, its evidence and the file, in one transaction."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from erstwhile.api.imports import store
from erstwhile.api.imports.accounts import TAKEN_OVER, ImportAccounts
from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ImportRefused, SourceFile
from erstwhile.api.imports.summary import Summary
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.evidence_blocks import pack
from erstwhile.projections.sql import Connection

_NAMESPACE = uuid.UUID("0a3d64c4-3a0f-5f6b-8f9c-92c3f5a6d1b7")


class Appending:
    """Appends what documents say. Importing the same document for the same instant again changes nothing."""

    def __init__(self, connection: Connection, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.connection = connection
        self.max_bytes = max_bytes
        self.accounts = ImportAccounts(connection)

    def document(
        self, source: SourceFile, kind: str, account: str, bodies: Iterable[Body], taken_at: datetime
    ) -> Summary:
        """What a document of a kind says of one account as of an instant. Raises ImportRefused."""
        key = keyed(source, f"{kind} {format_instant(taken_at)}")
        if store.is_imported(self.connection, key):
            return Summary(files=1, files_known=1)
        self.accounts.require_observed(account)
        evidence = f"sha256:{source.sha256.hex()}"
        events = [new_event(key, account, body, taken_at, evidence, source="import") for body in bodies]
        summary = Summary(files=1, records=len(events), changes=len(events))
        return self.append(source, key, kind.split()[0], events, summary)

    def append(self, source: SourceFile, key: bytes, kind: str, events: list[NewEvent], summary: Summary) -> Summary:
        """Appends events, with the document as their evidence. Raises ImportRefused."""
        connection = self.connection
        position = EventLog.within(connection).head()
        with connection.transaction():
            condition = self.accounts.unchanged({event.account for event in events}, position)
            [appended] = EventLog.within(connection).append_batch([Append(tuple(events), condition)])
            if appended is None:
                raise ImportRefused(f"{source.name}: {TAKEN_OVER}")
            file_id = store.add_file(connection, key, source.name, kind, summary.records, appended)
            [block] = store.next_blocks(connection, 1)
            store.add_evidence(connection, file_id, appended, [(block, pack([source.data]))])
        summary.position = appended
        return summary


def put_together(name: str, data: Any) -> SourceFile:
    """What was put together from several files, as one."""
    written = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    return SourceFile(name, hashlib.sha256(written).digest(), written)


def require_past(taken_at: datetime) -> None:
    """Raises ImportRefused for an instant that has not come yet."""
    if taken_at > datetime.now(UTC):
        raise ImportRefused(f"{format_instant(taken_at)} has not come yet: --taken-at is when the listing was made")


def keyed(source: SourceFile, what: str) -> bytes:
    """A name for this import. The same bytes for another instant or resource are another import."""
    return hashlib.sha256(source.sha256 + what.encode()).digest()


def new_event(
    key: bytes,
    account: str,
    body: Body,
    at: datetime,
    evidence: str,
    source: str = "snapshot",
    between: tuple[datetime, datetime] | None = None,
) -> NewEvent:
    """An event of an import. Its id follows from the import and what it says."""
    return NewEvent(
        event_id=str(uuid.uuid5(_NAMESPACE, f"{key.hex()}/{account}/{body!r}/{at}")),
        account=account,
        body=body,
        occurred_at=at,
        source=source,
        evidence=evidence,
        between=between,
    )
