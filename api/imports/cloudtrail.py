"""Importing CloudTrail files: each file in one transaction, each record once, nothing skipped in silence."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from erstwhile.api.imports import store
from erstwhile.api.imports.accounts import TAKEN_OVER, Accounts
from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ImportRefused, SourceFile, read_file
from erstwhile.api.imports.readers import read_ahead
from erstwhile.api.imports.summary import Summary
from erstwhile.domain.bulk import without_collector
from erstwhile.domain.event_log.append import Append, NewEvent, append_events
from erstwhile.domain.event_log.read import head
from erstwhile.domain.events import TYPE_NAMES
from erstwhile.domain.events.account import RecordsImported
from erstwhile.domain.events.principals import PrincipalSeen
from erstwhile.domain.fold.valid_order import rank
from erstwhile.domain.identifiers import Ref
from erstwhile.domain.observed.cloudtrail import Filed, MalformedRecord, NotATrail, Outcome, Record, file_records
from erstwhile.domain.observed.redaction import redacted, secrets_in
from erstwhile.projections.copying import bytes_field
from erstwhile.projections.sql import Connection

Progress = Callable[[Path, Summary], None]

_NAMESPACE = uuid.UUID("6f1f1d5e-6c0c-5a52-9d7e-0c4f6b7a9e11")
_SKEW = timedelta(hours=1)
_ATTEMPTS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CloudTrailImporter:
    """Imports files one after the other over one connection; may be interrupted and repeated."""

    def __init__(self, connection: Connection, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._accounts = Accounts(connection)
        self._days: set[str] = set()
        self._last_known = store.last_instants(connection)
        self._seen = _known_sightings(connection)

    def import_files(self, paths: Sequence[Path], progress: Progress | None = None) -> Summary:
        """Imports all; a file that is refused is named in the summary, and the others go on."""
        total = Summary()
        with without_collector(), read_ahead(len(paths)) as reader:
            # The next file is read and understood while the database stores this one.
            upcoming = reader.submit(_read, paths[0], self._max_bytes) if paths else None
            for index, path in enumerate(paths):
                assert upcoming is not None
                current = upcoming
                upcoming = reader.submit(_read, paths[index + 1], self._max_bytes) if index + 1 < len(paths) else None
                for source, digested in current.result():
                    try:
                        if isinstance(digested, ImportRefused):
                            raise digested
                        total.add(self._import(source, digested))
                    except ImportRefused as error:
                        total.refused.append(str(error))
                if progress is not None:
                    progress(path, total)
        return total

    def import_source(self, source: SourceFile) -> Summary:
        """Imports one file's content, whole or not at all. Raises ImportRefused."""
        return self._import(source, _digest(source))

    def _import(self, source: SourceFile, digested: list[Filed]) -> Summary:
        if store.is_imported(self._connection, source.sha256):
            return Summary(files=1, files_known=1)
        for account, partition in {(d.account, d.record.partition if d.record else "aws") for d in digested}:
            self._accounts.require_observed(account, partition)
        for attempt in range(_ATTEMPTS):
            try:
                return self._store(source, digested, check_known=attempt > 0)
            except psycopg.errors.UniqueViolation:
                # Records of this file came with another one, or another import is storing them right now.
                continue
        raise ImportRefused(f"{source.name}: another import keeps storing the same records; try again")

    def _store(self, source: SourceFile, digested: list[Filed], check_known: bool) -> Summary:
        connection = self._connection
        summary = Summary(files=1, records=len(digested))
        fresh = _once(digested)
        if check_known:
            if store.is_imported(connection, source.sha256):
                return Summary(files=1, files_known=1)
            keys = [(d.account, d.event_id, d.occurred_at.date().isoformat()) for d in fresh]
            known = store.known_records(connection, keys)
            fresh = [d for d in fresh if (d.account, d.event_id) not in known]
        summary.duplicates = len(digested) - len(fresh)
        days = {d.occurred_at.date().isoformat() for d in fresh} - self._days
        store.ensure_partitions(connection, sorted(days))
        seen: dict[tuple[str, str], datetime] = {}
        events = self._events(fresh, seen) + _imported(source, fresh)
        position = head(connection)
        hours = store.Hours(self._last_known)
        for each in fresh:
            hours.add(each.account, each.occurred_at)
        parts = [fresh[begin : begin + store.BLOCK] for begin in range(0, len(fresh), store.BLOCK)]
        with connection.transaction():
            blocks = list(zip(store.next_blocks(connection, len(parts)), parts, strict=True))
            rows = [_row(each, block, line) for block, part in blocks for line, each in enumerate(part)]
            store.add_activity(connection, rows)
            packed = [(block, store.pack([each.raw for each in part])) for block, part in blocks]
            # From here on the log is locked: what takes long is done.
            if events:
                condition = self._accounts.unchanged({event.account for event in events}, position)
                [appended] = append_events(connection, [Append(tuple(events), condition)])
                if appended is None:
                    raise ImportRefused(f"{source.name}: {TAKEN_OVER}")
                position = summary.position = appended
            file_id = store.add_file(connection, source.sha256, source.name, "cloudtrail", len(digested), position)
            store.add_evidence(connection, file_id, position, packed)
            hours.write(connection, position)
        self._days |= days
        self._last_known |= {a: max(t, self._last_known.get(a, t)) for a, t in hours.latest().items()}
        self._seen |= seen
        _count(summary, fresh)
        return summary

    def _sightings(self, fresh: list[Filed], seen: dict[tuple[str, str], datetime]) -> Iterable[tuple[Filed, Ref]]:
        """The first record of each principal, where it is earlier than any that the log holds."""
        first: dict[tuple[str, str], Filed] = {}
        for each in fresh:
            key = (each.account, each.principal_id)
            held = first.get(key)
            if held is None or each.occurred_at < held.occurred_at:
                first[key] = each
        for key, each in first.items():
            known = self._seen.get(key)
            if known is None or each.occurred_at < known:
                caller = each.read().caller
                if caller is not None and caller.id:
                    seen[key] = each.occurred_at
                    yield each, caller

    def _events(self, fresh: list[Filed], seen: dict[tuple[str, str], datetime]) -> list[NewEvent]:
        """The events of a file, in valid order as far as it tells. Those that are in the log already (a copy of
        the call in another account's trail) are left out."""
        made = [
            _event(each.read(), each.account, PrincipalSeen(principal=caller, arn=each.principal), "seen")
            for each, caller in self._sightings(fresh, seen)
        ]
        changes = [each for each in fresh if each.translation.bodies]
        for each in sorted(changes, key=_order):
            record = each.read()
            owner = record.account if record.service in ("iam", "organizations", "sso") else record.owner
            made += [_event(record, owner, body, str(part)) for part, body in enumerate(each.translation.bodies)]
        made.sort(key=lambda event: event.occurred_at or _EPOCH)
        if not made:
            return []
        for account in {event.account for event in made}:
            self._accounts.require_observed(account)
        rows = self._connection.execute(
            "SELECT event_id::text FROM event WHERE event_id = ANY (%s::uuid[])", ([event.event_id for event in made],)
        )
        known = {row[0] for row in rows}
        return list({event.event_id: event for event in made if event.event_id not in known}.values())


def _known_sightings(connection: Connection) -> dict[tuple[str, str], datetime]:
    """The earliest sighting of each principal that is in the log: (account, unique id) → instant."""
    rows = connection.execute(
        "SELECT account, data->'body'->'principal'->>'id', min(occurred_at) FROM event WHERE type = %s GROUP BY 1, 2",
        (TYPE_NAMES[PrincipalSeen],),
    )
    return {(account, unique_id): at for account, unique_id, at in rows}


def _read(path: Path, max_bytes: int) -> list[tuple[SourceFile, list[Filed] | ImportRefused]]:
    """A file's records (of an archive, its files'), or why they cannot be taken."""
    found: list[tuple[SourceFile, list[Filed] | ImportRefused]] = []
    try:
        for source in read_file(path, max_bytes):
            try:
                found.append((msgspec.structs.replace(source, data=b""), _digest(source)))
            except ImportRefused as error:
                found.append((source, error))
    except ImportRefused as error:
        found.append((SourceFile(str(path), b"", b""), error))
    return found


def _digest(source: SourceFile) -> list[Filed]:
    """The records of a file, redacted. Raises ImportRefused for the first that cannot be taken."""
    latest = datetime.now(UTC) + _SKEW
    secrets = secrets_in(source.data)
    found: list[Filed] = []
    try:
        for filed in file_records(source.data):
            if filed.occurred_at > latest:
                raise ImportRefused(f"{source.name}: record {len(found)} is of the future ({filed.occurred_at})")
            filed.raw = redacted(filed.raw, secrets)
            found.append(filed)
    except NotATrail as error:
        raise ImportRefused(f"{source.name} is {error}") from None
    except MalformedRecord as error:
        raise ImportRefused(f"{source.name}: {error}") from None
    return found


def _imported(source: SourceFile, fresh: list[Filed]) -> list[NewEvent]:
    """That the records are known from now on, for each account they are of."""
    found = []
    for account in sorted({each.account for each in fresh}):
        own = [each for each in fresh if each.account == account]
        changes = sum(each.translation.outcome is Outcome.CHANGE for each in own)
        body = RecordsImported(sha256=source.sha256.hex(), records=len(own), changes=changes)
        found.append(NewEvent(event_id=str(uuid.uuid4()), account=account, body=body, source="import"))
    return found


def _once(digested: list[Filed]) -> list[Filed]:
    """Each record of the file once."""
    return list({(d.account, d.event_id): d for d in digested}.values())


def _order(each: Filed) -> tuple[datetime, int, str]:
    bodies = each.translation.bodies
    return (each.occurred_at, rank(bodies[0]) if bodies else 0, each.event_id)


def _event(record: Record, account: str, body: Any, part: str) -> NewEvent:
    shared = record.raw.get("sharedEventID") or record.event_id
    return NewEvent(
        # Made from the record, so that no record makes an event twice.
        event_id=str(uuid.uuid5(_NAMESPACE, f"{account}/{shared}/{part}")),
        account=account,
        body=body,
        occurred_at=record.occurred_at,
        source="cloudtrail",
        actor=record.actor,
        request_id=str(record.raw.get("requestID") or ""),
        action=f"{record.service}:{record.name}",
        evidence=f"{record.account}/{record.event_id}",
        details=record.details,
    )


def _row(each: Filed, block: int, line: int) -> tuple[tuple[str, ...], str]:
    """An activity row: its texts, and its other columns."""
    at = each.occurred_at.isoformat()
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
    digest = bytes_field(hashlib.sha256(each.raw).digest())
    return texts, f"{at[:10]}\t{at}\t{each.translation.outcome.value}\t{block}\t{line}\t{digest}"


def _count(summary: Summary, fresh: list[Filed]) -> None:
    told = [each for each in fresh if each.translation.outcome is not Outcome.ACTIVITY]
    summary.activity += len(fresh) - len(told)
    for each in told:
        name = f"{each.service}:{each.name}"
        match each.translation.outcome:
            case Outcome.CHANGE:
                summary.changes += 1
                summary.change_operations[name] += 1
            case Outcome.FAILED:
                summary.failed += 1
                summary.failed_operations[name] += 1
            case _:
                summary.not_translated += 1
                summary.reasons[each.translation.reason] += 1
