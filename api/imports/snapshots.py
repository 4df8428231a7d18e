"""Importing an account's snapshots: each is compared with the history known so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from erstwhile.api.imports import store
from erstwhile.api.imports.appending import Appending, keyed, new_event, require_past
from erstwhile.api.imports.files import ImportRefused, SourceFile, read_json
from erstwhile.api.imports.summary import Summary
from erstwhile.api.imports.unseen_ends import unseen_ends
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.observed.drift import find_absent, find_drift
from erstwhile.domain.observed.snapshot import MalformedSnapshot, read_snapshot
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.slots import account_slot
from erstwhile.projections.sql import instant_text

Load = Callable[[str, datetime], Directory]
"""(account, as_of) → the Directory of that instant, all events so far projected."""


class SnapshotImporter(Appending):
    """Imports what get-account-authorization-details prints."""

    def snapshot(self, path: Path, taken_at: datetime, complete: bool, load: Load) -> Summary:
        """Output of get-account-authorization-details as of `taken_at`. Raises ImportRefused."""
        require_past(taken_at)
        source, data = read_json(path, self.max_bytes)
        return self.snapshot_of(source, data, str(path), taken_at, complete, load)

    def snapshot_of(
        self, source: SourceFile, data: Any, path: str, taken_at: datetime, complete: bool, load: Load
    ) -> Summary:
        """A snapshot that was read. `path`: what to call it. Raises ImportRefused."""
        try:
            snapshot = read_snapshot(data)
        except MalformedSnapshot as error:
            raise ImportRefused(f"{path}: {error}") from None
        if complete and snapshot.is_truncated:
            raise ImportRefused(f"{path} is truncated: absence from it proves nothing, leave out --complete")
        account = snapshot.account
        key = keyed(source, f"snapshot {format_instant(taken_at)} {complete}")
        if store.is_imported(self.connection, key):
            return Summary(files=1, files_known=1)
        was_known = self._is_known(account)
        self.accounts.require_observed(account, snapshot.partition)
        before = self._previous_snapshot(account, taken_at)
        drift: list[tuple[Body, datetime]] = []
        """What changed without a record, and the earliest instant at which it may have."""
        if before is not None:
            found = find_drift(load(account, taken_at), account, snapshot.bodies, taken_at, complete)
            drift = list(unseen_ends(self.connection, found.gone, before, taken_at))
            drift += [(body, before) for body in found.changes]
        elif complete and was_known:
            gone = find_absent(load(account, taken_at), account, snapshot.bodies)
            drift = list(unseen_ends(self.connection, gone, None, taken_at))
        evidence = f"sha256:{source.sha256.hex()}"
        taken = SnapshotTaken(
            sha256=source.sha256.hex(), complete=complete, baseline=before is None, entities=len(snapshot.bodies)
        )
        events = [new_event(key, account, body, taken_at, evidence, between=(since, taken_at)) for body, since in drift]
        events += [new_event(key, account, body, taken_at, evidence) for body in (taken, *snapshot.bodies)]
        events += [new_event(key, account, each.body, each.since, evidence) for each in snapshot.managed]
        summary = Summary(files=1, records=len(snapshot.bodies), drift=len(drift), changes=len(snapshot.bodies))
        for body, _ in drift:
            summary.reasons[f"drift: {type(body).__name__}"] += 1
        return self.append(source, key, "snapshot", events, summary)

    def _is_known(self, account: str) -> bool:
        """Whether anything of an account was imported."""
        row = self.connection.execute(
            "SELECT FROM event_tag WHERE tag = %s AND type = 'iam.AccountRegistered' LIMIT 1",
            (account_slot(account).text,),
        ).fetchone()
        return row is not None

    def _previous_snapshot(self, account: str, taken_at: datetime) -> datetime | None:
        row = self.connection.execute(
            "SELECT max(occurred_at) FROM event WHERE type = 'iam.SnapshotTaken' AND account = %s "
            "AND occurred_at < %s::timestamptz",
            (account, instant_text(taken_at)),
        ).fetchone()
        return row[0] if row else None
