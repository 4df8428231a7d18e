"""The log and the ledger of a backup, to be verified without a database: as much of them as is looked at is read from
the file, and of the ledger its tiles are kept in memory, 32 bytes an event."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from hashlib import sha256
from typing import IO, Self

import orjson
from psycopg.adapt import Transformer
from psycopg.pq import Format

from erstwhile.api.keeping.backup_file import PIECE, Backup, MalformedBackup
from erstwhile.domain.ledger.leaves import canonical_event, canonical_instant, entry_of
from erstwhile.domain.ledger.notes import VerifierKey, parse_verifier_key
from erstwhile.domain.ledger.tiles import Tile
from erstwhile.projections.ledger.tiles import NAME

LONGEST = 256 << 20
"""Bytes of a row, at most."""
_TEXTS = 1009
"""The number of the type text[]."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

Row = dict[str, str | None]


class BackupLog:
    """Closed by its context manager's end."""

    def __init__(self, backup: Backup) -> None:
        self._backup = backup
        self._array = Transformer().get_loader(_TEXTS, Format.TEXT)
        self._events: Generator[Row, None, None] | None = None
        self._at = 0
        """The position of the last event that was read."""
        self._read_ahead: list[tuple[int, bytes]] = []
        self._tiles: dict[Tile, bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._events is not None:
            self._events.close()

    def public_keys(self) -> list[VerifierKey]:
        """The public keys that the backup names."""
        return [parse_verifier_key(_text(row, "verifier")) for row in self._rows("ledger_key")]

    def head(self) -> int:
        return self._backup.manifest.events

    def tree_size(self) -> int:
        return next((int(_text(row, "position")) for row in self._rows("checkpoint") if row["projection"] == NAME), 0)

    def notes(self) -> Iterable[tuple[int, str]]:
        return [(int(_text(row, "size")), _text(row, "note")) for row in self._rows("ledger_checkpoint")]

    def entries(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        if self._events is None or self._at > after:
            if self._events is not None:
                self._events.close()
            self._events, self._at, self._read_ahead = self._rows("event"), 0, []
        held, self._read_ahead = self._read_ahead, []
        for position, entry in held:
            if position > upto:
                self._read_ahead = held
                return
            self._at = position
            if position > after:
                yield position, entry
        for row in self._events:
            position = int(_text(row, "position"))
            if position <= after:
                continue
            entry = self._entry(row)
            if position > upto:
                self._read_ahead.append((position, entry))
                return
            self._at = position
            yield position, entry

    def tiles(self, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        if self._tiles is None:
            self._tiles = {
                Tile(int(_text(row, "level")), int(_text(row, "number"))): _bytes(row, "hashes")
                for row in self._rows("ledger_tile")
            }
        return {tile: self._tiles[tile] for tile in wanted if tile in self._tiles}

    def altered_details(self) -> int | None:
        expected: dict[int, str] = {}
        for row in self._rows("event_details"):
            digest = sha256(_bytes(row, "salt") + _text(row, "details").encode()).hexdigest()
            expected[int(_text(row, "position"))] = digest
        for row in self._rows("event") if expected else ():
            position = int(_text(row, "position"))
            if position not in expected:
                continue
            if orjson.loads(_text(row, "data")).get("details_sha256") != expected.pop(position):
                return position
        return min(expected, default=None)

    def _entry(self, row: Row) -> bytes:
        try:
            return entry_of(
                canonical_event(
                    _text(row, "event_id"), canonical_instant(_text(row, "recorded_at")),
                    canonical_instant(_text(row, "occurred_at")), _text(row, "type"), _text(row, "account"),
                    self._array.load(_text(row, "tags").encode()), orjson.loads(_text(row, "data")),
                )
            )  # fmt: skip
        except orjson.JSONDecodeError:
            raise MalformedBackup(f"the event at position {row['position']} is no JSON") from None

    def _rows(self, name: str) -> Generator[Row, None, None]:
        """The rows of a table, their hash compared with the manifest's at the end."""
        table = self._backup.table(name)
        if table is None:
            raise MalformedBackup(f"the backup has no table {name}")
        digest, size = sha256(), 0
        with self._backup.rows(name) as file:
            for line in _lines(file):
                digest.update(line)
                size += len(line)
                values = [None if each == "\\N" else _unescaped(each) for each in line[:-1].decode().split("\t")]
                if len(values) != len(table.columns):
                    raise MalformedBackup(f"a row of {name} has {len(values)} values in place of {len(table.columns)}")
                yield dict(zip(table.columns, values, strict=True))
            if (digest.hexdigest(), size) != (table.sha256, table.size):
                raise MalformedBackup(f"the rows of {name} are not those of which the manifest has the hash")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        if not line.endswith(b"\n"):
            raise MalformedBackup("a row has no end")
        yield line


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: _MEANS.get(found[1], found[1]), text)


def _text(row: Row, name: str) -> str:
    found = row.get(name)
    if found is None:
        raise MalformedBackup(f"a row of the backup lacks {name}")
    return found


def _bytes(row: Row, name: str) -> bytes:
    try:
        return bytes.fromhex(_text(row, name).removeprefix("\\x"))
    except ValueError:
        raise MalformedBackup(f"{name} of a row is not in hexadecimal digits") from None


def whole(backup: Backup) -> None:
    """Holds the rows of all tables against their hashes. Raises MalformedBackup."""
    for table in backup.manifest.tables:
        digest, size = sha256(), 0
        with backup.rows(table.name) as rows:
            while piece := rows.read(PIECE):
                digest.update(piece)
                size += len(piece)
        if (digest.hexdigest(), size) != (table.sha256, table.size):
            raise MalformedBackup(f"the rows of {table.name} are not those of which the manifest has the hash")
