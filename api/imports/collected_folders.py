"""Importing a folder in the layout of iam-collect: accounts, policies of resources, organisations."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from erstwhile.api.imports.appending import put_together, require_past
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.imports.files import ImportRefused, read_json
from erstwhile.api.imports.snapshots import Load
from erstwhile.api.imports.summary import Summary
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.observed.iam_collect import MalformedCollection, read_collection
from erstwhile.domain.observed.organization import MalformedOrganization


def import_folder(importer: DocumentImporter, folder: Path, taken_at: datetime, complete: bool, load: Load) -> Summary:
    """A folder as of `taken_at`. `complete`: as of a snapshot. Raises ImportRefused."""
    require_past(taken_at)
    if not folder.is_dir():
        raise ImportRefused(f"{folder} is no folder")
    files = {
        path.relative_to(folder).as_posix(): read_json(path, importer.max_bytes)[1]
        for path in sorted((folder / "aws").glob("*/*/**/*.json"))
        if path.is_file()
    }
    summary = Summary()
    try:
        collection = read_collection(files)
        for account, details in collection.accounts.items():
            source = put_together(f"{folder}: {account}", details)
            summary.add(importer.snapshot_of(source, details, str(folder), taken_at, complete, load))
        for each in collection.organizations:
            summary.add(importer.organization_of(put_together(f"{folder}: organisation", each), each, taken_at))
    except (MalformedCollection, MalformedOrganization) as error:
        raise ImportRefused(f"{folder}: {error}") from None
    for policy in collection.resources:
        source = put_together(f"{folder}: {policy.arn}", policy.document)
        body = ResourcePolicyPut(resource=policy.arn, document=document_text(policy.document) or "", listed=True)
        kind = f"resource-policy {policy.arn}"
        summary.add(importer.document(source, kind, policy.account, [body], taken_at))
    return summary
