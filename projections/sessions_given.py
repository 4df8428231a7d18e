"""Reads the sessions that somebody was given, by recorded calls and by this service: as `domain/leavers` takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from erstwhile.domain.leavers.ways import Session
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_aws_date, parse_instant
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.incident.calls import MINTING
from erstwhile.projections.sql import Connection

MOST_GENERATIONS = 12
_COLUMNS = (
    "SELECT i.access_key, i.principal, i.session, a.occurred_at, a.principal, a.account || '/' || a.record_id, "
    "a.block_id, a.line FROM activity a JOIN evidence_block b USING (block_id) "
    "JOIN issued_key i ON i.record_id = a.record_id AND i.account = a.account "
)
_TO = (
    f"{_COLUMNS} WHERE {{}} AND b.position <= %(known)s AND a.action = ANY (%(minting)s) AND a.error_code = '' "
    "ORDER BY a.occurred_at, a.record_id"
)
_CALLED = (
    f"{_COLUMNS} WHERE i.session = ANY (%(names)s) AND b.position <= %(known)s AND a.error_code = '' "
    "ORDER BY a.occurred_at, a.record_id"
)
_USERS = "SELECT DISTINCT principal FROM key_use WHERE access_key = ANY (%s)"
_BY_US = (
    "SELECT e.data->'body'->>'access_key_id', e.data->'body'->>'arn', e.occurred_at, r.actor, "
    "e.data->'body'->>'expires_at', e.position FROM event e JOIN audit r USING (position) "
    "WHERE e.type = 'iam.SessionIssued' AND e.position <= %(known)s AND {} ORDER BY e.position"
)


class SessionsGiven:
    """As known at a log position."""

    def __init__(self, connection: Connection, known_at: int) -> None:
        self._connection, self._known_at = connection, known_at
        self._lines = EvidenceLines(connection)

    def given_to(self, arns: Sequence[str]) -> Iterable[Session]:
        """Those that principals of these ARNs were given, by long-term credentials or a sign-in, and those that these
        sessions were given, and so on."""
        first = [
            *self._recorded(_TO.format("a.principal = ANY (%(arns)s)"), arns=list(arns)),
            *self._ours("r.actor = ANY (%(arns)s)", arns=list(arns)),
        ]
        return self._and_theirs(first)

    def called(self, names: Sequence[str]) -> Iterable[Session]:
        """Those of these names, and those that these were given, and so on."""
        patterns = [f"%:assumed-role/%/{_escaped(name)}" for name in names]
        first = [
            *self._recorded(_CALLED, names=list(names)),
            *self._ours("e.data->'body'->>'arn' LIKE ANY (%(patterns)s)", patterns=patterns),
        ]
        return self._and_theirs(first)

    def _and_theirs(self, first: list[Session]) -> list[Session]:
        found = {each.access_key: each for each in first}
        frontier = list(found.values())
        for _ in range(MOST_GENERATIONS):
            keys = [each.access_key for each in frontier]
            if not keys:
                break
            # Calls are looked for under the principals that used the keys: these have an index.
            acting = [row[0] for row in self._connection.execute(_USERS, (keys,)).fetchall()]
            more = [
                *self._recorded(
                    _TO.format("a.principal = ANY (%(arns)s) AND a.access_key = ANY (%(keys)s)"), arns=acting, keys=keys
                ),
                *self._ours("r.access_key = ANY (%(keys)s)", keys=keys),
            ]
            frontier = [each for each in more if each.access_key not in found]
            found |= {each.access_key: each for each in frontier}
        return list(found.values())

    def _recorded(self, query: str, **arguments: list[str]) -> Iterator[Session]:
        rows = self._connection.execute(
            query, {**arguments, "known": self._known_at, "minting": list(MINTING)}
        ).fetchall()  # fmt: skip
        for key, principal, name, at, caller, evidence, block, line in rows:
            yield Session(
                access_key=key, principal=principal, name=name, issued_at=at.astimezone(UTC),
                expires_at=self._expiry(block, line), given_to=caller, evidence=evidence,
            )  # fmt: skip

    def _ours(self, where: str, **arguments: list[str]) -> Iterator[Session]:
        rows = self._connection.execute(_BY_US.format(where), {**arguments, "known": self._known_at}).fetchall()
        for key, arn, at, caller, until, position in rows:
            yield Session(
                access_key=key or "", principal=arn or "", name=(arn or "").rpartition("/")[2],
                issued_at=at.astimezone(UTC), expires_at=parse_instant(until) if until else None,
                given_to=caller or "", evidence=f"@{position}",
            )  # fmt: skip

    def _expiry(self, block: int, line: int) -> datetime | None:
        """When a session ends, by the record of the call that gave it out."""
        raw = self._lines.line(block, line)
        given = as_object(as_object(read_json(raw).get("responseElements")).get("credentials")) if raw else {}
        try:
            return parse_aws_date(as_text(given.get("expiration")))
        except MalformedInstant:
            return None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
