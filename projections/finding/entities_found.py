"""Entities by ARN, name and unique id; inline policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.inputs.policy_carriers import carriers
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, is_account_id
from erstwhile.projections.entities import NAMED_KINDS, lives, named, of_unique_id, with_inline_policy
from erstwhile.projections.finding.found import Found, Span
from erstwhile.projections.sql import Connection

_NAMES_ONLY = tuple(kind for kind in NAMED_KINDS if kind != "resource")
_MODE = (
    "SELECT value->>'mode' FROM fact WHERE account = %(account)s AND kind = 'account' "
    "AND attribute = 'mode' AND recorded_from <= %(known)s AND recorded_to > %(known)s ORDER BY valid_from"
)
_RECORDS = (
    "SELECT min(first_at), max(last_at) FROM account_coverage WHERE account = %(account)s AND position <= %(known)s"
)
_CALLS = (
    "SELECT a.occurred_at FROM activity a JOIN evidence_block b USING (block_id) WHERE a.principal = %(principal)s "
    "AND b.position <= %(known)s ORDER BY a.occurred_at {} LIMIT 1"
)


def entities(connection: Connection, words: str, known_at: int) -> list[Found]:
    """The entities that ever had these words as ARN, name (`ada`, `user/ada`) or unique id, and the account of twelve
    digits."""
    keys: dict[EntityKey, None] = {}
    if words.startswith("arn:"):
        keys |= dict.fromkeys(_of_arn(connection, words, known_at))
    else:
        kind, slash, name = words.partition("/")
        if slash and kind in _NAMES_ONLY:
            keys |= dict.fromkeys(named(connection, name.rsplit("/", 1)[-1], known_at, (kind,)))
        keys |= dict.fromkeys(named(connection, words, known_at, _NAMES_ONLY))
        keys |= dict.fromkeys(of_unique_id(connection, words, known_at))
    found = list(described(connection, keys, known_at))
    found += _inline_policies(connection, words, known_at)
    if is_account_id(words) or _is_root(words):
        found += _account(connection, words if is_account_id(words) else words.split(":")[4], known_at)
    return found


def _is_root(words: str) -> bool:
    return words.startswith("arn:") and words.endswith(":root") and is_account_id(words.split(":")[4])


def _of_arn(connection: Connection, words: str, known_at: int) -> Iterator[EntityKey]:
    try:
        arn = Arn.parse(words)
    except MalformedArn:
        return
    kind, _, path = arn.resource.partition("/")
    name = path.rsplit("/", 1)[-1]
    if arn.service == "iam" and kind in _NAMES_ONLY:
        yield from named(connection, name, known_at, (kind,), arn.account)
        yield from (each for each in of_unique_id(connection, name, known_at, (kind,)) if each[0] == arn.account)
        return
    if arn.service == "sts" and kind == "assumed-role":
        yield from named(connection, path.split("/")[0], known_at, ("role",), arn.account)
        return
    for each in (words, *carriers(words)):
        yield from of_unique_id(connection, each, known_at, ("resource",))


def described(connection: Connection, keys: Iterable[EntityKey], known_at: int) -> Iterator[Found]:
    """Entities with their lives, and with their first and last call where they are principals."""
    by_key: dict[EntityKey, list[Span]] = {}
    arns: dict[EntityKey, str] = {}
    for life in lives(connection, keys, known_at):
        by_key.setdefault(life.key, []).append((life.begin, life.end))
        arns[life.key] = life.arn
    for key, spans in by_key.items():
        account, kind, unique_id = key
        is_principal = kind in ("user", "role")
        yield Found(
            kind=kind,
            account=account,
            name=arns[key],
            unique_id=unique_id if unique_id != arns[key] else "",
            lives=tuple(spans),
            first_seen=_call(connection, arns[key], known_at, "ASC") if is_principal else None,
            last_seen=_call(connection, arns[key], known_at, "DESC") if is_principal else None,
        )


def _call(connection: Connection, principal: str, known_at: int, order: str) -> datetime | None:
    row = connection.execute(_CALLS.format(order), {"principal": principal, "known": known_at}).fetchone()
    return None if row is None else row[0]


def _inline_policies(connection: Connection, words: str, known_at: int) -> Iterator[Found]:
    for key, name in with_inline_policy(connection, words, known_at):
        holder = lives(connection, [key], known_at)
        yield Found(
            kind="inline_policy",
            account=key[0],
            name=name,
            of=holder[-1].arn if holder else "",
            lives=tuple((each.begin, each.end) for each in lives(connection, [key], known_at, "inline", name)),
        )


def _account(connection: Connection, account: str, known_at: int) -> Iterator[Found]:
    arguments = {"account": account, "known": known_at}
    modes = connection.execute(_MODE, arguments).fetchall()
    first, last = connection.execute(_RECORDS, arguments).fetchone() or (None, None)
    if modes:
        words = f"{modes[-1][0]} here"
        yield Found(kind="account", account=account, name=account, first_seen=first, last_seen=last, words=words)
