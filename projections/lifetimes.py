"""Finds when a principal existed, for questions about an instant at which it does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.projections.entities import PRINCIPALS, Life, lives, named, of_access_key, of_unique_id
from erstwhile.projections.sql import Connection, with_infinity

_SHOWN = 5
_OF_ACCOUNT = (
    "SELECT min(valid_from) FROM fact WHERE account = %(account)s AND kind = 'account' AND attribute = 'mode' "
    "AND value->>'mode' <> %(not_yet)s AND recorded_from <= %(known)s AND recorded_to > %(known)s"
)


def moment_of(life: Life) -> datetime:
    """An instant at which a question about the principal makes sense: the last one of its life, else the first."""
    if life.end is not None:
        return life.end - timedelta(microseconds=1)
    assert life.begin is not None, "one that was always there and is there still is found at every instant"
    return life.begin


def lives_of(connection: Connection, words: str, known_at: int) -> list[Life]:
    """The lifetimes of all principals that had an ARN (of a session: its role), a name (`ada`, `user/ada`), a unique id
    or an access key, as known at a position of the log; the latest first."""
    found = [
        each for each in all_lives_of(connection, words, known_at) if each.begin is not None or each.end is not None
    ]
    return sorted(found, key=lambda each: (each.end is None, each.end or each.begin), reverse=True)[:_SHOWN]


def all_lives_of(connection: Connection, words: str, known_at: int) -> list[Life]:
    """The same, all of them, also those without begin and end; by principal, the earliest life first."""
    parts = words.split(":", 5)
    account = parts[4] if len(parts) == 6 else ""
    if parts[-1] == "root":
        return list(_of_root(connection, words, account, known_at))
    keys = dict.fromkeys(named(connection, _name(words), known_at, _kinds(parts[-1]), account))
    if not account:
        keys |= dict.fromkeys(of_unique_id(connection, words, known_at, PRINCIPALS))
        keys |= dict.fromkeys(of_access_key(connection, words, known_at))
    return lives(connection, keys, known_at)


def _of_root(connection: Connection, arn: str, account: str, known_at: int) -> Iterator[Life]:
    """It is there as long as its account is."""
    with_infinity(connection)
    arguments = {"account": account, "not_yet": NOT_YET, "known": known_at}
    for (since,) in connection.execute(_OF_ACCOUNT, arguments).fetchall():
        if since is not None:
            yield Life(account, "root", account, arn, None if since == BEFORE else since, None)


def _kinds(words: str) -> tuple[str, ...]:
    """Of which kinds a name may be: `role/ops`, as ARNs end, is no user's."""
    kind = words.partition("/")[0].removeprefix("assumed-")
    return (kind,) if kind in PRINCIPALS and "/" in words else PRINCIPALS


def _name(words: str) -> str:
    if ":assumed-role/" in words:
        return words.partition(":assumed-role/")[2].split("/")[0]
    return words.rsplit("/", 1)[-1]
