"""A whole case as one ZIP file: the question, the report in every form, the events and records that it rests on, and a
manifest with the hash of each file. The same question about the same knowledge gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import orjson

from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.cli.incident import markdown, page
from erstwhile.api.cli.incident.tables import TIMELINE, head_words, part_of, timeline_rows
from erstwhile.api.imports import store
from erstwhile.api.ledger.archive import ArchiveWriter
from erstwhile.api.ledger.bundle import add_proof
from erstwhile.api.ledger.bundle_text import PROOF, README, README_TEXT
from erstwhile.api.reports.to_file import write_files
from erstwhile.api.support.harmless import harmless
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.ledger.selected import Selection
from erstwhile.projections.sql import Connection

_README = """A case, as Erstwhile told it.

question.json    what was asked, of which window, known at which position of the log
report.json      the answer; report.md and report.html are the same for people, timeline.csv for spreadsheets
events.ndjson    the events of the log that the report names, one a line
evidence/        the records that the report names, as they came, without their secrets
ledger/          the same events as the log is committed to, and the proof that they are in it: see ledger/README.txt
manifest.json    the SHA-256 of every other file: sha256sum FILE tells the same

    erstwhile verify CASE.zip --key KEYS        offline: no database is opened

The report is made again by the question, of the same log, at the same position.
"""
_EVERYWHERE = ("position", "evidence")


def case_files(connection: Connection, pieces: Pieces) -> dict[str, bytes]:
    """Name → content of every file of a case but the proof and the manifest."""
    report = pieces.whole()
    positions, records = _named(report)
    sections: list[dict[str, Any]] = report["sections"]
    parts = [part_of(each) for each in sections]
    words = head_words(report)
    md = [*markdown.head_lines(words), *(line for part in parts for line in markdown.part_lines(part))]
    html = [*page.head_lines(words), *(line for part in parts for line in page.part_lines(part)), page.END]
    files = {
        "README.txt": _README.encode(),
        "question.json": _json(pieces.head),
        "report.json": _json(report),
        "report.md": ("\n".join(md) + "\n").encode(),
        "report.html": ("\n".join(html) + "\n").encode(),
        "timeline.csv": _timeline(sections),
        "events.ndjson": b"".join(_events(connection, positions)),
        PROOF + README: README_TEXT.encode(),
    }
    for record in sorted(records):
        account, _, record_id = record.partition("/")
        raw = store.read_evidence(connection, account, record_id)
        if raw is not None:
            files[f"evidence/{account}/{_file_name(record_id)}.json"] = _json(orjson.loads(raw))
    return files


def write_case(path: Path, connection: Connection, files: dict[str, bytes], known_at: int) -> int:
    """Writes a ZIP file with these files, the proof of the events that the report names, and a manifest, whole or not
    at all; returns how many files there are. Raises NotProven, OSError."""
    positions, _ = _named(orjson.loads(files["report.json"]))
    selection = Selection(known_at=known_at, positions=tuple(sorted(positions)))
    counts: list[int] = []

    def write(target: IO[bytes]) -> None:
        with ArchiveWriter(target) as archive:
            for name, data in sorted(files.items()):
                archive.add(name, [data])
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                add_proof(connection, archive, selection, PROOF)
            counts.append(archive.finish({}))

    write_files({path: write})
    return counts[0]


def _json(data: Any) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _named(report: dict[str, Any]) -> tuple[set[int], set[str]]:
    """The positions of events and the records that a report names, wherever it does."""
    positions: set[int] = set()
    records: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                look(each)
        elif isinstance(value, dict):
            position, evidence = (value.get(name) for name in _EVERYWHERE)
            if isinstance(position, int) and position > 0:
                positions.add(position)
            if isinstance(evidence, str) and "/" in evidence:
                records.add(evidence)
            for each in value.values():
                look(each)

    look(report["sections"])
    return positions, records


def _events(connection: Connection, positions: set[int]) -> Iterator[bytes]:
    for event in EventLog.within(connection).read_positions(sorted(positions)):
        yield orjson.dumps(msgspec.to_builtins(event), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


def _timeline(sections: list[dict[str, Any]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(TIMELINE)
    for section in sections:
        if section.get("section") == "timeline":
            for row in timeline_rows(section["entries"]):
                writer.writerow([harmless(cell) for cell in row])
    return written.getvalue().encode()


def _file_name(record_id: str) -> str:
    """A record's id as the name of a file: what others named leads to no other folder."""
    is_plain = record_id.replace("-", "").isalnum() and record_id.isascii()
    return record_id if is_plain else hashlib.sha256(record_id.encode()).hexdigest()
