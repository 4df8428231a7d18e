"""Importing single documents: snapshots, credential reports, catalogues, organisations, resource policies."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.imports import installed_catalogue, store
from erstwhile.api.imports.accounts import TAKEN_OVER, ImportAccounts
from erstwhile.api.imports.files import (
    DEFAULT_MAX_BYTES,
    ImportRefused,
    SourceFile,
    parse_json,
    read_file,
    read_json,
    read_one,
    text_of,
)
from erstwhile.api.imports.resources import Listed
from erstwhile.api.imports.summary import Summary
from erstwhile.api.imports.unseen_ends import unseen_ends
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import PolicyVersionCreated, PolicyVersionsMissing
from erstwhile.domain.events.resources import ResourcePolicyDeleted, ResourcePolicyPut, ResourceRegistered
from erstwhile.domain.observed import credential_report, managed_policies, organization
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.observed.drift import find_absent, find_drift
from erstwhile.domain.observed.iam_collect import MalformedCollection, read_collection
from erstwhile.domain.observed.managed_policies import Version
from erstwhile.domain.observed.snapshot import MalformedSnapshot, read_snapshot
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, is_account_id
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.slots import account_slot
from erstwhile.projections.evidence_blocks import pack
from erstwhile.projections.sql import Connection, instant_text

_NAMESPACE = uuid.UUID("0a3d64c4-3a0f-5f6b-8f9c-92c3f5a6d1b7")
_BATCH = 500
_POLICY_MEMBERS = ("Policy", "ResourcePolicy", "policyText", "policy")

Load = Callable[[str, datetime], Directory]
"""(account, as_of) → the Directory of that instant, all events so far projected."""
Progress = Callable[[int, int], None]


class DocumentImporter:
    """Imports one document at a time. Importing the same document for the same instant again changes nothing."""

    def __init__(self, connection: Connection, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._accounts = ImportAccounts(connection)

    def snapshot(self, path: Path, taken_at: datetime, complete: bool, load: Load) -> Summary:
        """Output of get-account-authorization-details as of `taken_at`. Raises ImportRefused."""
        _require_past(taken_at)
        source, data = read_json(path, self._max_bytes)
        return self._snapshot(source, data, str(path), taken_at, complete, load)

    def _snapshot(
        self, source: SourceFile, data: Any, path: str, taken_at: datetime, complete: bool, load: Load
    ) -> Summary:
        try:
            snapshot = read_snapshot(data)
        except MalformedSnapshot as error:
            raise ImportRefused(f"{path}: {error}") from None
        if complete and snapshot.is_truncated:
            raise ImportRefused(f"{path} is truncated: absence from it proves nothing, leave out --complete")
        account = snapshot.account
        key = _keyed(source, f"snapshot {format_instant(taken_at)} {complete}")
        if store.is_imported(self._connection, key):
            return Summary(files=1, files_known=1)
        was_known = self._is_known(account)
        self._accounts.require_observed(account, snapshot.partition)
        before = self._previous_snapshot(account, taken_at)
        drift: list[tuple[Body, datetime]] = []
        """What changed without a record, and the earliest instant at which it may have."""
        if before is not None:
            found = find_drift(load(account, taken_at), account, snapshot.bodies, taken_at, complete)
            drift = list(unseen_ends(self._connection, found.gone, before, taken_at))
            drift += [(body, before) for body in found.changes]
        elif complete and was_known:
            gone = find_absent(load(account, taken_at), account, snapshot.bodies)
            drift = list(unseen_ends(self._connection, gone, None, taken_at))
        evidence = f"sha256:{source.sha256.hex()}"
        taken = SnapshotTaken(
            sha256=source.sha256.hex(), complete=complete, baseline=before is None, entities=len(snapshot.bodies)
        )
        events = [_event(key, account, body, taken_at, evidence, between=(since, taken_at)) for body, since in drift]
        events += [_event(key, account, body, taken_at, evidence) for body in (taken, *snapshot.bodies)]
        events += [_event(key, account, each.body, each.since, evidence) for each in snapshot.managed]
        summary = Summary(files=1, records=len(snapshot.bodies), drift=len(drift), changes=len(snapshot.bodies))
        for body, _ in drift:
            summary.reasons[f"drift: {type(body).__name__}"] += 1
        return self._append(source, key, "snapshot", events, summary)

    def _is_known(self, account: str) -> bool:
        """Whether anything of an account was imported."""
        row = self._connection.execute(
            "SELECT FROM event_tag WHERE tag = %s AND type = 'iam.AccountRegistered' LIMIT 1",
            (account_slot(account).text,),
        ).fetchone()
        return row is not None

    def _previous_snapshot(self, account: str, taken_at: datetime) -> datetime | None:
        row = self._connection.execute(
            "SELECT max(occurred_at) FROM event WHERE type = 'iam.SnapshotTaken' AND account = %s "
            "AND occurred_at < %s::timestamptz",
            (account, instant_text(taken_at)),
        ).fetchone()
        return row[0] if row else None

    def _has_version(self, body: Body) -> bool:
        if not isinstance(body, PolicyVersionCreated):
            return False
        return (
            self._connection.execute(
                "SELECT FROM event e JOIN event_tag t USING (position) WHERE t.tag = %s "
                "AND t.type = 'iam.PolicyVersionCreated' AND e.data->'body'->>'version_id' = %s "
                "AND %s IN ('', e.data->'body'->>'policy_created_at')",
                (f"name:{AWS_MANAGED}/policy/{body.subject.name.lower()}", body.version_id, body.policy_created_at),
            ).fetchone()
            is not None
        )

    def managed_policies(self, path: Path, progress: Progress | None = None) -> Summary:
        """A catalogue of AWS-managed policies: a timeline file, or a folder of policies. Raises ImportRefused."""
        versions: list[Version] = []
        digest = hashlib.sha256()
        try:
            if path.is_dir():
                for each in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
                    [source] = read_file(each, self._max_bytes)
                    digest.update(source.sha256)
                    name = each.name.removesuffix(".json")
                    versions.append(managed_policies.read_policy_file(name, parse_json(source)))
            else:
                source, data = read_json(path, self._max_bytes)
                digest.update(source.sha256)
                versions = managed_policies.read_catalogue(data)
        except managed_policies.MalformedCatalogue as error:
            raise ImportRefused(f"{path}: {error}") from None
        if not versions:
            raise ImportRefused(f"{path} holds no policies")
        return self._versions(versions, digest.digest(), str(path), progress)

    def installed_policies(self, progress: Progress | None = None) -> Summary:
        """The catalogue of the package that ships one. Raises ImportRefused where it is not installed."""
        found = installed_catalogue.read()
        if found is None:
            raise ImportRefused(installed_catalogue.MISSING)
        return self._versions(found.versions, found.sha256, found.package, progress)

    def _versions(self, versions: list[Version], key: bytes, label: str, progress: Progress | None) -> Summary:
        if store.is_imported(self._connection, key):
            return Summary(files=1, files_known=1)
        self._accounts.require_observed(AWS_MANAGED)
        evidence = f"sha256:{key.hex()}"
        events = [
            _event(key, AWS_MANAGED, body, at, evidence, source="catalogue")
            for at, body in managed_policies.events_of(versions)
            if isinstance(body, PolicyVersionsMissing) or not self._has_version(body)
        ]
        summary = Summary(files=1, records=len(versions), changes=len(versions))
        with self._connection.transaction():
            summary.position = EventLog.within(self._connection).head()
            for begin in range(0, len(events), _BATCH):
                part = [Append((event,)) for event in events[begin : begin + _BATCH]]
                positions = EventLog.within(self._connection).append_batch(part)
                summary.position = max(p for p in positions if p is not None)
                if progress is not None:
                    progress(min(begin + _BATCH, len(events)), len(events))
            store.add_file(self._connection, key, label, "managed-policies", len(versions), summary.position)
        return summary

    def credential_report(self, path: Path, taken_at: datetime) -> Summary:
        """AWS's credential report (CSV, or as the AWS CLI prints it) as of `taken_at`. Raises ImportRefused."""
        _require_past(taken_at)
        source = read_one(path, self._max_bytes)
        try:
            account, rows = credential_report.read_report(credential_report.report_text(text_of(source)))
        except credential_report.MalformedReport as error:
            raise ImportRefused(f"{path}: {error}") from None
        return self._document(source, "credential-report", account, rows, taken_at)

    def organization(self, path: Path, taken_at: datetime) -> Summary:
        """A listing of an organisation as of `taken_at`. Raises ImportRefused."""
        _require_past(taken_at)
        source, data = read_json(path, self._max_bytes)
        try:
            return self._organization(source, data, taken_at)
        except organization.MalformedOrganization as error:
            raise ImportRefused(f"{path}: {error}") from None

    def _organization(self, source: SourceFile, data: Any, taken_at: datetime) -> Summary:
        listed = organization.read_organization(data)
        bodies: list[Body] = [listed, *organization.read_types(data)]
        return self._document(source, "organization", listed.management_account, bodies, taken_at)

    def iam_collect(self, folder: Path, taken_at: datetime, complete: bool, load: Load) -> Summary:
        """A folder in the layout of iam-collect, as of `taken_at`: accounts, policies of resources, organisations.
        `complete`: as of a snapshot. Raises ImportRefused."""
        _require_past(taken_at)
        if not folder.is_dir():
            raise ImportRefused(f"{folder} is no folder")
        files = {
            path.relative_to(folder).as_posix(): read_json(path, self._max_bytes)[1]
            for path in sorted((folder / "aws").glob("*/*/**/*.json"))
            if path.is_file()
        }
        summary = Summary()
        try:
            collection = read_collection(files)
            for account, details in collection.accounts.items():
                source = _made(f"{folder}: {account}", details)
                summary.add(self._snapshot(source, details, str(folder), taken_at, complete, load))
            for each in collection.organizations:
                summary.add(self._organization(_made(f"{folder}: organisation", each), each, taken_at))
        except (MalformedCollection, organization.MalformedOrganization) as error:
            raise ImportRefused(f"{folder}: {error}") from None
        for policy in collection.resources:
            source = _made(f"{folder}: {policy.arn}", policy.document)
            body = ResourcePolicyPut(resource=policy.arn, document=document_text(policy.document) or "")
            kind = f"resource-policy {policy.arn}"
            summary.add(self._document(source, kind, policy.account, [body], taken_at))
        return summary

    def resource_policy(self, arn: str, path: Path, taken_at: datetime, account: str | None) -> Summary:
        """A resource's policy as of `taken_at`. Raises ImportRefused, MalformedArn."""
        _require_past(taken_at)
        owner = Arn.parse(arn).account or account or ""
        if not is_account_id(owner):
            raise ImportRefused(f"{arn} names no account: say whose resource it is with --account")
        source, data = read_json(path, self._max_bytes)
        if isinstance(data, dict) and "Statement" not in data:
            # What the AWS CLI prints: {"Policy": "…"}, or {"policyText": "…"} of ECR.
            data = next((data[name] for name in _POLICY_MEMBERS if name in data), data)
        document = document_text(data)
        try:
            if document is not None:
                parse_document(document)
        except MalformedDocument as error:
            raise ImportRefused(f"{path}: {error}") from None
        body = ResourcePolicyPut(resource=arn, document=document) if document else ResourcePolicyDeleted(resource=arn)
        return self._document(source, f"resource-policy {arn}", owner, [body], taken_at)

    def resources(self, listed: Listed, path: Path, taken_at: datetime) -> Summary:
        """Resources and their tags, as observed accounts had them at `taken_at`. Raises ImportRefused."""
        _require_past(taken_at)
        key = _keyed(listed.source, f"resources {format_instant(taken_at)}")
        if store.is_imported(self._connection, key):
            return Summary(files=1, files_known=1)
        evidence = f"sha256:{listed.source.sha256.hex()}"
        events: list[NewEvent] = []
        for each in listed.commands:
            self._accounts.require_observed(each.account)
            bodies: list[Body] = [
                ResourceRegistered(resource=each.resource, resource_type=each.resource_type, tags=each.tags)
            ]
            if each.document is not None:
                try:
                    parse_document(each.document)
                except MalformedDocument as error:
                    raise ImportRefused(f"{path}: the policy of {each.resource}: {error}") from None
                bodies.append(ResourcePolicyPut(resource=each.resource, document=each.document))
            events += [_event(key, each.account, body, taken_at, evidence, source="import") for body in bodies]
        summary = Summary(files=1, records=len(listed.commands), changes=len(listed.commands))
        return self._append(listed.source, key, "resources", events, summary)

    def _document(
        self, source: SourceFile, kind: str, account: str, bodies: Iterable[Body], taken_at: datetime
    ) -> Summary:
        key = _keyed(source, f"{kind} {format_instant(taken_at)}")
        if store.is_imported(self._connection, key):
            return Summary(files=1, files_known=1)
        self._accounts.require_observed(account)
        evidence = f"sha256:{source.sha256.hex()}"
        events = [_event(key, account, body, taken_at, evidence, source="import") for body in bodies]
        summary = Summary(files=1, records=len(events), changes=len(events))
        return self._append(source, key, kind.split()[0], events, summary)

    def _append(self, source: SourceFile, key: bytes, kind: str, events: list[NewEvent], summary: Summary) -> Summary:
        connection = self._connection
        position = EventLog.within(connection).head()
        with connection.transaction():
            condition = self._accounts.unchanged({event.account for event in events}, position)
            [appended] = EventLog.within(connection).append_batch([Append(tuple(events), condition)])
            if appended is None:
                raise ImportRefused(f"{source.name}: {TAKEN_OVER}")
            file_id = store.add_file(connection, key, source.name, kind, summary.records, appended)
            [block] = store.next_blocks(connection, 1)
            store.add_evidence(connection, file_id, appended, [(block, pack([source.data]))])
        summary.position = appended
        return summary


def _made(name: str, data: Any) -> SourceFile:
    """What was put together from several files, as one."""
    written = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    return SourceFile(name, hashlib.sha256(written).digest(), written)


def _require_past(taken_at: datetime) -> None:
    if taken_at > datetime.now(UTC):
        raise ImportRefused(f"{format_instant(taken_at)} has not come yet: --taken-at is when the listing was made")


def _keyed(source: SourceFile, what: str) -> bytes:
    """A name for this import. The same bytes for another instant or resource are another import."""
    return hashlib.sha256(source.sha256 + what.encode()).digest()


def _event(
    key: bytes,
    account: str,
    body: Body,
    at: datetime,
    evidence: str,
    source: str = "snapshot",
    between: tuple[datetime, datetime] | None = None,
) -> NewEvent:
    return NewEvent(
        event_id=str(uuid.uuid5(_NAMESPACE, f"{key.hex()}/{account}/{body!r}/{at}")),
        account=account,
        body=body,
        occurred_at=at,
        source=source,
        evidence=evidence,
        between=between,
    )
