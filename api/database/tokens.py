"""Bearer tokens: named, scoped, shown once; only their hash is stored."""

from __future__ import annotations

import hashlib
import secrets
import time

import msgspec

from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

SCOPES = ("read", "import", "admin")
_PREFIX = "erst_"
_REMEMBERED = 5.0
"""Seconds for which a token's scopes are remembered: a revoked token works that long at most."""
MAX_REMEMBERED = 10_000
"""Headers that are remembered."""
_KEPT = 3_600.0
"""Seconds for which they stand in while the database does not answer."""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def create(connection: Connection, name: str, scopes: list[str]) -> str:
    """Makes a token and returns it: it is not shown again. Raises Problem."""
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong or not scopes:
        raise bad_request("unknown_scope", f"{', '.join(wrong) or 'no scope'}: the scopes are {', '.join(SCOPES)}")
    token = _PREFIX + secrets.token_urlsafe(32)
    row = connection.execute(
        "INSERT INTO api_token (name, sha256, scopes) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING RETURNING name",
        (name, _digest(token), scopes),
    ).fetchone()
    if row is None:
        raise Problem(409, "token_exists", f"there is a token named {name} already; revoke it or take another name")
    return token


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


def listing(connection: Connection) -> list[TokenRow]:
    rows = connection.execute("SELECT name, scopes, created_at FROM api_token ORDER BY name")
    return [TokenRow(name, scopes, format_instant(at)) for name, scopes, at in rows]


def exists(connection: Connection) -> bool:
    return connection.execute("SELECT FROM api_token LIMIT 1").fetchone() is not None


class Bearer(msgspec.Struct, frozen=True):
    """Whose token it is, and what it may do."""

    name: str
    scopes: frozenset[str]


class Tokens:
    """Looks tokens up, and remembers who sent which Authorization header: for a few seconds, and for an hour where the
    database does not answer."""

    def __init__(self) -> None:
        self._remembered: Bounded[str, tuple[float, Bearer]] = Bounded(MAX_REMEMBERED)
        self.looking_up: dict[str, float] = {}
        """Which headers are being looked up, and since when (of the monotonic clock)."""

    def remembered(self, header: str) -> Bearer | None:
        found = self._remembered.get(header)
        return found[1] if found is not None and found[0] > time.monotonic() else None

    def known_before(self, header: str) -> Bearer | None:
        """Who sent this header within the last hour: for when the database cannot be asked."""
        found = self._remembered.get(header)
        return found[1] if found is not None and found[0] + _KEPT > time.monotonic() else None

    def look_up(self, connection: Connection, header: str, token: str) -> Bearer | None:
        """None for an unknown one. admin includes the other scopes."""
        row = connection.execute("SELECT name, scopes FROM api_token WHERE sha256 = %s", (_digest(token),)).fetchone()
        if row is None:
            self._remembered.drop(header)
            return None
        name, scopes = row
        bearer = Bearer(name, frozenset(SCOPES if "admin" in scopes else scopes))
        self._remembered.keep(header, (time.monotonic() + _REMEMBERED, bearer))
        return bearer
