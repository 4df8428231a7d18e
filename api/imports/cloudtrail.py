"""Importing CloudTrail files: each file in one transaction, each record once, nothing skipped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import chain, starmap
from pathlib import Path

import psycopg

from erstwhile.api.imports import ownership_claims, store
from erstwhile.api.imports.accounts import TAKEN_OVER, Governed, ImportAccounts
from erstwhile.api.imports.counted_apart import CountedApart
from erstwhile.api.imports.file_records import Digest
from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ImportRefused, SourceFile
from erstwhile.api.imports.imported_rows import (
    Use,
    activity_rows,
    count,
    each_once,
    event_of,
    imported_events,
    issued_rows,
    key_use_rows,
    key_uses,
    valid_order,
)
from erstwhile.api.imports.parts_read import ReadHere, parts_read
from erstwhile.api.imports.read_ahead import read_ahead
from erstwhile.api.imports.summary import Summary, described
from erstwhile.domain.event_log.codec import NotIJson
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import TYPE_NAMES
from erstwhile.domain.events.principals import PrincipalSeen
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, OddRecord
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.evidence_blocks import pack
from erstwhile.projections.sql import Connection
from erstwhile.projections.use.runs import RunOfImports, filed_of, is_much

Progress = Callable[[Path, Summary], None]

_ATTEMPTS = 8
_USES_KEPT = 20_000
"""Uses of access keys that an importer remembers to be stored."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RACES = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DuplicateTable,
)
"""Records of this file came with another one, or another import is storing them right now."""
_UNSTORABLE = (
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    NotIJson,
    UnicodeError,
    OverflowError,
    RecursionError,
)
"""Errors that a hostile file may cause. The file is refused, and the import goes on with the next one."""


class CloudTrailImporter:
    """Imports files one after the other over one connection. An import may be interrupted and repeated."""

    def __init__(self, connection: Connection, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._accounts = ImportAccounts(connection)
        self._months: set[str] = set()
        self._last_known = store.last_instants(connection)
        self._seen = _known_sightings(connection)
        self._uses = Bounded[Use, bool](_USES_KEPT)
        self._run = RunOfImports(connection)

    def import_files(self, paths: Sequence[Path], progress: Progress | None = None) -> Summary:
        """Imports all files. The summary names those that are refused."""
        total = Summary()
        with without_collector(), read_ahead(len(paths)) as reader:
            apart = CountedApart(reader) if isinstance(reader, ProcessPoolExecutor) else None
            for path, source, found in parts_read(apart or ReadHere(reader), paths, self._max_bytes):
                if found is not None:
                    try:
                        if isinstance(found, ImportRefused):
                            raise found
                        total.add(self.import_digest(source, found, apart))
                    except ImportRefused as error:
                        total.refused.append(str(error))
                elif progress is not None:
                    progress(path, total)
            if apart is not None:
                self._run.add_counted(*apart.take())
        self.finish()
        return total

    def finish(self) -> None:
        """Writes what the files that `import_digest` imported say of use."""
        self._run.write()

    def import_digest(self, source: SourceFile, found: Digest, apart: CountedApart | None = None) -> Summary:
        """Imports one file that was read (`apart`: where its use is counted); `finish` then writes what it says of use.
        Raises ImportRefused where nothing in it can be imported."""
        if store.is_imported(self._connection, source.sha256):
            return Summary(files=1, files_known=1)
        digested = self._of_observed(source, found)
        if found.odd and not digested and not found.passed_over:
            raise ImportRefused(f"{source.name}: {described(found.odd[0])}")
        for attempt in range(_ATTEMPTS):
            try:
                summary, fresh, position = self._store(source, digested, check_known=attempt > 0)
            except _RACES:
                continue
            except _UNSTORABLE as error:
                raise ImportRefused(f"{source.name} cannot be stored: {error}") from None
            self._count_use(found, fresh, position, apart)
            summary.passed_over += found.passed_over
            summary.name_odd(source.name, found.odd)
            return summary
        raise ImportRefused(f"{source.name}: another import keeps storing the same records; try again")

    def _of_observed(self, source: SourceFile, found: Digest) -> list[FiledRecord]:
        """The records of accounts that imports may change. Raises ImportRefused where there are others only."""
        governed: dict[str, str] = {}
        for account, partition in {(d.account, d.record.partition if d.record else "aws") for d in found.filed}:
            try:
                self._accounts.require_observed(account, partition)
            except Governed as error:
                governed[account] = str(error)
        if not governed:
            return found.filed
        if len(governed) == len({each.account for each in found.filed}):
            raise ImportRefused(f"{source.name}: {'; '.join(governed.values())}")
        for account, reason in sorted(governed.items()):
            count = sum(each.account == account for each in found.filed)
            found.odd.append(OddRecord(-1, f"{count} records: {reason}"))
        return [each for each in found.filed if each.account not in governed]

    def _count_use(
        self, found: Digest, fresh: Sequence[FiledRecord], position: int, apart: CountedApart | None
    ) -> None:
        """Counts the use of the records of a file that were stored."""
        if not fresh:
            return
        if apart is None or found.apart is None:
            self._run.add(fresh, position)
        elif len(fresh) == len(found.filed):
            apart.stored(found.apart, position, len(fresh))
            if is_much(*apart.counted):
                self._run.add_counted(*apart.take())
        else:
            # Their use is not known here: they came without what they were done to.
            self._run.add(list(filed_of([each.raw for each in fresh])), position)

    def _store(
        self, source: SourceFile, digested: list[FiledRecord], check_known: bool
    ) -> tuple[Summary, list[FiledRecord], int]:
        """What was done, which records were new, and the position of the import."""
        connection = self._connection
        summary = Summary(files=1, records=len(digested))
        fresh = each_once(digested)
        if check_known:
            if store.is_imported(connection, source.sha256):
                return Summary(files=1, files_known=1), [], 0
            keys = [(d.account, d.event_id, d.occurred_at.date().isoformat()) for d in fresh]
            known = store.known_records(connection, keys)
            fresh = [d for d in fresh if (d.account, d.event_id) not in known]
        summary.duplicates = len(digested) - len(fresh)
        instants = Counter((each.account, each.occurred_at) for each in fresh)
        months = {f"{at.year:04}-{at.month:02}-01" for _, at in instants} - self._months
        store.ensure_partitions(connection, sorted(months))
        seen: dict[tuple[str, str], datetime] = {}
        events = self._events(fresh, seen) + imported_events(source, fresh)
        position = EventLog.within(connection).head()
        hours = store.Hours(self._last_known)
        for (account, at), records in instants.items():
            hours.add(account, at, records)
        parts = [fresh[begin : begin + store.BLOCK] for begin in range(0, len(fresh), store.BLOCK)]
        with connection.transaction():
            blocks = list(zip(store.next_blocks(connection, len(parts)), parts, strict=True))
            store.add_activity(connection, chain.from_iterable(starmap(activity_rows, blocks)))
            store.add_issued_keys(connection, issued_rows(blocks))
            uses = self._new_uses(fresh)
            packed = [(block, pack([each.raw for each in part])) for block, part in blocks]
            # From here on the log is locked, so nothing that takes long may follow.
            if events:
                condition = self._accounts.unchanged({event.account for event in events}, position)
                [appended] = EventLog.within(connection).append_batch([Append(tuple(events), condition)])
                if appended is None:
                    raise ImportRefused(f"{source.name}: {TAKEN_OVER}")
                position = summary.position = appended
            store.add_key_uses(connection, key_use_rows(uses, position))
            file_id = store.add_file(connection, source.sha256, source.name, "cloudtrail", len(digested), position)
            store.add_evidence(connection, file_id, position, packed)
            hours.write(connection, position)
        self._months |= months
        self._last_known |= {a: max(t, self._last_known.get(a, t)) for a, t in hours.latest().items()}
        self._seen |= seen
        for use in uses:
            self._uses.keep(use, True)
        count(summary, fresh)
        return summary, fresh, position

    def _new_uses(self, fresh: list[FiledRecord]) -> dict[Use, datetime]:
        """The uses of access keys that are not stored yet. Temporary keys are not looked up: they end before many
        files have records of them."""
        uses = key_uses(fresh, self._uses)
        lasting = [key for key, _, _ in uses if key.startswith("AKIA")]
        for use in store.known_key_uses(self._connection, lasting):
            if uses.pop(use, None) is not None:
                self._uses.keep(use, True)
        return uses

    def _sightings(
        self, fresh: list[FiledRecord], seen: dict[tuple[str, str], datetime]
    ) -> Iterable[tuple[FiledRecord, Ref, str]]:
        """The first record of each principal, where it is earlier than any that the log holds."""
        first: dict[tuple[str, str], FiledRecord] = {}
        for each in fresh:
            key = (each.account, each.principal_id)
            held = first.get(key)
            if held is None or each.occurred_at < held.occurred_at:
                first[key] = each
        for key, each in first.items():
            known = self._seen.get(key)
            if known is None or each.occurred_at < known:
                sighting = each.read().sighting
                if sighting is not None and sighting[0].id:
                    seen[key] = each.occurred_at
                    yield each, *sighting

    def _events(self, fresh: list[FiledRecord], seen: dict[tuple[str, str], datetime]) -> list[NewEvent]:
        """The events of a file, in valid order as far as the file says. Events that are in the log already (from a copy
        of the call in another account's trail) are left out."""
        changes = sorted((each for each in fresh if each.translation.bodies), key=valid_order)
        ownership_claims.set_aside(self._connection, changes, fresh)
        made = []
        for each, principal, arn in self._sightings(fresh, seen):
            body = PrincipalSeen(principal=principal, arn=arn)
            # Seeing a principal is a fact about the principal, whatever the call was and whether it succeeded.
            made.append(event_of(each.read(), each.account, body, "seen", action=""))
        for each in changes:
            record = each.read()
            made += [
                event_of(record, each.account, body, str(part)) for part, body in enumerate(each.translation.bodies)
            ]
        made.sort(key=lambda event: event.occurred_at or _EPOCH)
        if not made:
            return []
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
