"""Bearer tokens: named, scoped, shown once; only their hash is stored. A token may expire. That of an auditor reads one
period, and nothing else; that of a reviewer reads the lines of reviews that are its own to decide."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import UTC, datetime

import msgspec

from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

SCOPES = ("read", "import", "review", "audit", "metrics", "admin")
REVIEWS = "reviews"
"""What readers and reviewers have in common: they may read reviews. It is never given by name."""
_PREFIX = "erst_"
_REMEMBERED = 5.0
"""Seconds for which a token's scopes are remembered: a revoked token works that long at most."""
MAX_REMEMBERED = 10_000
"""Headers that are remembered."""
_KEPT = 3_600.0
"""Seconds for which they stand in while the database does not answer."""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class Period(msgspec.Struct, frozen=True):
    """The instants that an auditor may ask about: [begin, end)."""

    begin: datetime
    end: datetime


def create(
    connection: Connection,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    period: Period | None = None,
) -> str:
    """Makes a token and returns it: it is not shown again. `period`: of the scope audit, which stands alone. Raises
    Problem."""
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong or not scopes:
        raise bad_request("unknown_scope", f"{', '.join(wrong) or 'no scope'}: the scopes are {', '.join(SCOPES)}")
    _require_sense(scopes, expires_at, period)
    token = _PREFIX + secrets.token_urlsafe(32)
    begin, end = (period.begin, period.end) if period is not None else (None, None)
    row = connection.execute(
        "INSERT INTO api_token (name, sha256, scopes, expires_at, reads_from, reads_to) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO NOTHING RETURNING name",
        (name, _digest(token), scopes, expires_at, begin, end),
    ).fetchone()
    if row is None:
        raise Problem(409, "token_exists", f"there is a token named {name} already; revoke it or take another name")
    return token


def _require_sense(scopes: list[str], expires_at: datetime | None, period: Period | None) -> None:
    """An auditor's token has a period, an end, and no other scope; other tokens have no period. Raises Problem."""
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise bad_request("malformed_expiry", "the token would have expired already")
    if "audit" not in scopes:
        if period is not None:
            raise bad_request("unknown_scope", "a period is of the scope audit; the other scopes have none")
        return
    if len(scopes) > 1:
        raise bad_request("unknown_scope", "the scope audit stands alone: with another, it would limit nothing")
    if period is None or expires_at is None:
        raise bad_request("period_missing", "an auditor's token says from when to when it reads, and when it expires")
    if period.begin >= period.end:
        raise bad_request("malformed_period", "the period ends before it begins")


def revoke(connection: Connection, name: str) -> None:
    """Raises Problem when there is no such token."""
    row = connection.execute("DELETE FROM api_token WHERE name = %s RETURNING name", (name,)).fetchone()
    if row is None:
        raise Problem(404, "unknown_token", f"there is no token named {name}")


class TokenRow(msgspec.Struct, frozen=True):
    """What may be shown of a token."""

    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None = None
    reads_from: str | None = None
    reads_to: str | None = None


def listing(connection: Connection) -> list[TokenRow]:
    rows = connection.execute(
        "SELECT name, scopes, created_at, expires_at, reads_from, reads_to FROM api_token ORDER BY name"
    )
    return [
        TokenRow(name, scopes, format_instant(created), *map(_shown, instants))
        for name, scopes, created, *instants in rows
    ]


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def exists(connection: Connection) -> bool:
    return connection.execute("SELECT FROM api_token LIMIT 1").fetchone() is not None


class Bearer(msgspec.Struct, frozen=True):
    """Whose token it is, and what it may do. `period`: all that an auditor may ask about."""

    name: str
    scopes: frozenset[str]
    period: Period | None = None
    expires_at: datetime | None = None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)


class Tokens:
    """Looks tokens up, and remembers who sent which Authorization header: for a few seconds, and for an hour where the
    database does not answer."""

    def __init__(self) -> None:
        self._remembered: Bounded[str, tuple[float, Bearer]] = Bounded(MAX_REMEMBERED)
        self.looking_up: dict[str, float] = {}
        """Which headers are being looked up, and since when (of the monotonic clock)."""

    def remembered(self, header: str) -> Bearer | None:
        found = self._remembered.get(header)
        return found[1] if found is not None and found[0] > time.monotonic() and not found[1].is_expired else None

    def known_before(self, header: str) -> Bearer | None:
        """Who sent this header within the last hour: for when the database cannot be asked."""
        found = self._remembered.get(header)
        is_known = found is not None and found[0] + _KEPT > time.monotonic() and not found[1].is_expired
        return found[1] if found is not None and is_known else None

    def look_up(self, connection: Connection, header: str, token: str) -> Bearer | None:
        """None for an unknown one, and for one that has expired. admin includes the other scopes."""
        row = connection.execute(
            "SELECT name, scopes, expires_at, reads_from, reads_to FROM api_token WHERE sha256 = %s "
            "AND (expires_at IS NULL OR expires_at > clock_timestamp())",
            (_digest(token),),
        ).fetchone()
        if row is None:
            self._remembered.drop(header)
            return None
        name, scopes, expires_at, begin, end = row
        found = set(SCOPES if "admin" in scopes else scopes)
        if found & {"read", "review"}:
            found.add(REVIEWS)
        bearer = Bearer(name, frozenset(found), None if begin is None else Period(begin, end), expires_at)
        self._remembered.keep(header, (time.monotonic() + _REMEMBERED, bearer))
        return bearer
