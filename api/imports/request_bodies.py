"""Imports the body of a request: one file, plain, gzip or zip, within smaller limits than files on disk."""

from __future__ import annotations

from erstwhile.api.imports.cloudtrail import CloudTrailImporter
from erstwhile.api.imports.file_records import Digest, digest
from erstwhile.api.imports.files import ImportRefused, SourceFile, read_bytes
from erstwhile.api.imports.read_ahead import MUCH, reading_apart
from erstwhile.api.imports.summary import Summary
from erstwhile.projections.sql import Connection

MAX_INFLATED = 64 * 1024 * 1024
"""Bytes of a body, or of one file in it, once inflated."""
NAME = "the body"


def import_body(connection: Connection, raw: bytes) -> Summary:
    """Imports the body, or each member of an archive. Raises ImportRefused where nothing in it can be imported."""
    importer, total = CloudTrailImporter(connection, MAX_INFLATED), Summary()
    last: ImportRefused | None = None
    for source in read_bytes(NAME, raw, MAX_INFLATED):
        try:
            if isinstance(source, ImportRefused):
                raise source
            total.add(importer.import_digest(source, _digest(source)))
        except ImportRefused as error:
            last = error
            total.refused.append(str(error))
    importer.finish()
    if last is not None and not total.files:
        raise last
    return total


def _digest(source: SourceFile) -> Digest:
    """Reads a big body in a process, so that the event loop does not wait."""
    if len(source.data) < MUCH:
        return digest(source, MAX_INFLATED)
    with reading_apart() as reader:
        return reader.submit(digest, source, MAX_INFLATED).result()


def as_json(summary: Summary) -> dict[str, object]:
    """What the import did, as the answer to the request."""
    return {
        "records": summary.records,
        "changes": summary.changes,
        "activity": summary.activity,
        "failed": summary.failed,
        "sign_ins": summary.sign_ins,
        "findings": summary.findings,
        "not_translated": summary.not_translated,
        "duplicates": summary.duplicates,
        "passed_over": dict(summary.passed_over),
        "odd_records": summary.odd_records,
        "odd": summary.odd[:100],
        "refused": summary.refused,
        "already_imported": bool(summary.files_known) and not summary.records,
        "reasons": dict(summary.reasons + summary.claims),
        "position": summary.position,
    }
