"""Importing single documents: snapshots, credential reports, catalogues, organisations, resource policies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from erstwhile.api.imports import installed_catalogue, store
from erstwhile.api.imports.appending import keyed, new_event, require_past
from erstwhile.api.imports.files import (
    ImportRefused,
    SourceFile,
    parse_json,
    read_json,
    read_one,
    text_of,
)
from erstwhile.api.imports.resources import Listed
from erstwhile.api.imports.snapshots import SnapshotImporter
from erstwhile.api.imports.summary import Summary
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body
from erstwhile.domain.events.policies import PolicyVersionCreated, PolicyVersionsMissing
from erstwhile.domain.events.resources import ResourcePolicyDeleted, ResourcePolicyPut, ResourceRegistered
from erstwhile.domain.observed import credential_report, managed_policies, organization
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.observed.managed_policies import Version
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, is_account_id
from erstwhile.domain.vocabulary.instants import format_instant

_BATCH = 500
_POLICY_MEMBERS = ("Policy", "ResourcePolicy", "policyText", "policy")

Progress = Callable[[int, int], None]


class DocumentImporter(SnapshotImporter):
    """Imports one document at a time."""

    def _has_version(self, body: Body) -> bool:
        if not isinstance(body, PolicyVersionCreated):
            return False
        return (
            self.connection.execute(
                "SELECT FROM event e JOIN event_tag t USING (position) WHERE t.tag = %s "
                "AND t.type = 'iam.PolicyVersionCreated' AND e.data->'body'->>'version_id' = %s "
                "AND %s IN ('', e.data->'body'->>'policy_created_at')",
                (f"name:{AWS_MANAGED}/policy/{body.subject.name.lower()}", body.version_id, body.policy_created_at),
            ).fetchone()
            is not None
        )

    def managed_policies(self, path: Path, progress: Progress | None = None) -> Summary:
        """A catalogue of AWS-managed policies: a timeline file, or a folder of policies. Raises ImportRefused."""
        is_folder = path.is_dir()
        files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        sources = [read_one(each, self.max_bytes) for each in (files if is_folder else [path])]
        digest = hashlib.sha256(b"".join([source.sha256 for source in sources])).digest()

        def read() -> list[Version]:
            if not is_folder:
                return managed_policies.read_catalogue(parse_json(sources[0]))
            named = zip(files, sources, strict=True)
            return [
                managed_policies.read_policy_file(file.name.removesuffix(".json"), parse_json(source))
                for file, source in named
            ]

        return self._versions(digest, str(path), read, progress)

    def installed_policies(self, progress: Progress | None = None) -> Summary:
        """The catalogue of the package that ships one. Raises ImportRefused where it is not installed."""
        found = installed_catalogue.find()
        if found is None:
            raise ImportRefused(installed_catalogue.MISSING)
        return self._versions(found.sha256, found.label, found.read, progress)

    def _versions(
        self, key: bytes, label: str, read: Callable[[], list[Version]], progress: Progress | None
    ) -> Summary:
        """`read`: reads the versions. Each start of a server comes here with what was imported long ago, and to read
        the whole catalogue takes 20 MB. Raises ImportRefused."""
        if store.is_imported(self.connection, key):
            return Summary(files=1, files_known=1)
        try:
            versions = read()
        except managed_policies.MalformedCatalogue as error:
            raise ImportRefused(f"{label}: {error}") from None
        if not versions:
            raise ImportRefused(f"{label} holds no policies")
        self.accounts.require_observed(AWS_MANAGED)
        evidence = f"sha256:{key.hex()}"
        events = [
            new_event(key, AWS_MANAGED, body, at, evidence, source="catalogue")
            for at, body in managed_policies.events_of(versions)
            if isinstance(body, PolicyVersionsMissing) or not self._has_version(body)
        ]
        summary = Summary(files=1, records=len(versions), changes=len(versions))
        with self.connection.transaction():
            summary.position = EventLog.within(self.connection).head()
            for begin in range(0, len(events), _BATCH):
                part = [Append((event,)) for event in events[begin : begin + _BATCH]]
                positions = EventLog.within(self.connection).append_batch(part)
                summary.position = max(p for p in positions if p is not None)
                if progress is not None:
                    progress(min(begin + _BATCH, len(events)), len(events))
            store.add_file(self.connection, key, label, "managed-policies", len(versions), summary.position)
        return summary

    def credential_report(self, path: Path, taken_at: datetime) -> Summary:
        """AWS's credential report (CSV, or as the AWS CLI prints it) as of `taken_at`. Raises ImportRefused."""
        require_past(taken_at)
        source = read_one(path, self.max_bytes)
        try:
            account, rows = credential_report.read_report(credential_report.report_text(text_of(source)))
        except credential_report.MalformedReport as error:
            raise ImportRefused(f"{path}: {error}") from None
        return self.document(source, "credential-report", account, rows, taken_at)

    def organization(self, path: Path, taken_at: datetime) -> Summary:
        """A listing of an organisation as of `taken_at`. Raises ImportRefused."""
        require_past(taken_at)
        source, data = read_json(path, self.max_bytes)
        try:
            return self.organization_of(source, data, taken_at)
        except organization.MalformedOrganization as error:
            raise ImportRefused(f"{path}: {error}") from None

    def organization_of(self, source: SourceFile, data: Any, taken_at: datetime) -> Summary:
        """A listing that was read. Raises MalformedOrganization, ImportRefused."""
        listed = organization.read_organization(data)
        bodies: list[Body] = [listed, *organization.read_types(data)]
        return self.document(source, "organization", listed.management_account, bodies, taken_at)

    def resource_policy(self, arn: str, path: Path, taken_at: datetime, account: str | None) -> Summary:
        """A resource's policy as of `taken_at`. Raises ImportRefused, MalformedArn."""
        require_past(taken_at)
        owner = Arn.parse(arn).account or account or ""
        if not is_account_id(owner):
            raise ImportRefused(f"{arn} names no account: say whose resource it is with --account")
        source, data = read_json(path, self.max_bytes)
        if isinstance(data, dict) and "Statement" not in data:
            # What the AWS CLI prints: {"Policy": "…"}, or {"policyText": "…"} of ECR.
            data = next((data[name] for name in _POLICY_MEMBERS if name in data), data)
        document = document_text(data)
        try:
            if document is not None:
                parse_document(document)
        except MalformedDocument as error:
            raise ImportRefused(f"{path}: {error}") from None
        body: Body = ResourcePolicyDeleted(resource=arn)
        if document:
            body = ResourcePolicyPut(resource=arn, document=document, listed=True)
        return self.document(source, f"resource-policy {arn}", owner, [body], taken_at)

    def resources(self, listed: Listed, path: Path, taken_at: datetime) -> Summary:
        """Resources and their tags, as observed accounts had them at `taken_at`. Raises ImportRefused."""
        require_past(taken_at)
        key = keyed(listed.source, f"resources {format_instant(taken_at)}")
        if store.is_imported(self.connection, key):
            return Summary(files=1, files_known=1)
        evidence = f"sha256:{listed.source.sha256.hex()}"
        events: list[NewEvent] = []
        for each in listed.commands:
            self.accounts.require_observed(each.account)
            bodies: list[Body] = [
                ResourceRegistered(resource=each.resource, resource_type=each.resource_type, tags=each.tags)
            ]
            if each.document is not None:
                try:
                    parse_document(each.document)
                except MalformedDocument as error:
                    raise ImportRefused(f"{path}: the policy of {each.resource}: {error}") from None
                bodies.append(ResourcePolicyPut(resource=each.resource, document=each.document))
            events += [new_event(key, each.account, body, taken_at, evidence, source="import") for body in bodies]
        summary = Summary(files=1, records=len(listed.commands), changes=len(listed.commands))
        return self.append(listed.source, key, "resources", events, summary)
