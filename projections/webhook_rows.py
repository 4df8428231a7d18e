"""Webhooks as rows: tables `webhook` and `webhook_dead_letter`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

HELD = 60
"""Seconds for which a process that sends keeps others from sending to the same endpoint."""
_LONGEST_ERROR = 500
_SOMETHING_TO_SEND = (
    "(position < (SELECT coalesce(max(position), 0) FROM event) "
    "OR notice < (SELECT coalesce(max(id), 0) FROM watch_notice) "
    "OR EXISTS (SELECT FROM webhook_dead_letter d WHERE d.webhook = name AND d.asked_again))"
)
_COLUMNS = "name, url, types, account, master_key, sealed, position, notice, attempts"


class Webhook(msgspec.Struct, frozen=True):
    """Where to send to. `types`: of events, and `notice`; empty: all. `sealed`: the secret that signs, under the master
    key of that name. `position`, `notice`: what was sent last; `attempts`: to send what comes next."""

    name: str
    url: str
    types: tuple[str, ...]
    account: str
    master_key: str
    sealed: bytes
    position: int
    notice: int
    attempts: int


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that was given up. `position`: of the event, 0 for a notice; `notice`: 0 for an event."""

    id: int
    webhook: str
    position: int
    notice: int
    attempts: int
    last_error: str
    died_at: datetime
    asked_again: bool


def purpose(name: str) -> str:
    """For what a secret is sealed."""
    return f"webhook/{name}"


def after(webhook: Webhook, position: int, notice: int) -> Webhook:
    """As it is once a message was sent, or given up."""
    return msgspec.structs.replace(
        webhook, position=max(webhook.position, position), notice=max(webhook.notice, notice), attempts=0
    )


def add(connection: Connection, new: Webhook) -> bool:
    """False where there is one of this name."""
    made = connection.execute(
        "INSERT INTO webhook (name, url, types, account, master_key, sealed, position, notice) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO NOTHING",
        (new.name, new.url, list(new.types), new.account, new.master_key, new.sealed, new.position, new.notice),
    )
    return made.rowcount == 1


def remove(connection: Connection, name: str) -> bool:
    """With its dead letters. False where there is none."""
    return connection.execute("DELETE FROM webhook WHERE name = %s", (name,)).rowcount == 1


def names(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM webhook ORDER BY name")]


def figures(connection: Connection) -> list[dict[str, Any]]:
    """Of each webhook, how far it is: `lag` is how many events the log is ahead, `attempts` how often the next message
    was sent in vain, `dead_letters` how many messages were given up."""
    rows = connection.execute(
        "SELECT name, url, types, account, position, (SELECT coalesce(max(position), 0) FROM event) - position, sent, "
        "attempts, next_at, last_error, (SELECT count(*) FROM webhook_dead_letter d WHERE d.webhook = w.name) "
        "FROM webhook w ORDER BY name"
    )
    return [
        {
            "name": row[0], "url": row[1], "types": row[2], "account": row[3], "position": row[4],
            "lag": max(0, row[5]), "sent": row[6], "attempts": row[7],
            "next_at": format_instant(row[8]) if row[7] else None,
            "last_error": row[9], "dead_letters": row[10],
        }
        for row in rows
    ]  # fmt: skip


def take(connection: Connection, name: str, holder: str) -> Webhook | None:
    """The webhook, to which no other process sends for the next minute; None where another does, where the next attempt
    is not due, or where there is nothing to send."""
    row = connection.execute(
        "UPDATE webhook SET holder = %s, held_until = clock_timestamp() + make_interval(secs => %s) "
        "WHERE name = %s AND next_at <= clock_timestamp() AND (holder = %s OR held_until <= clock_timestamp()) "
        f"AND {_SOMETHING_TO_SEND} RETURNING {_COLUMNS}",
        (holder, HELD, name, holder),
    ).fetchone()
    if row is None:
        return None
    return Webhook(row[0], row[1], tuple(row[2]), row[3], row[4], bytes(row[5]), *row[6:])


def release(connection: Connection, name: str, holder: str) -> None:
    """Another process may send at once."""
    connection.execute("UPDATE webhook SET held_until = clock_timestamp() WHERE name = %s AND holder = %s",
                       (name, holder))  # fmt: skip


def moved(connection: Connection, name: str, holder: str, position: int, notice: int, sent: int = 0) -> bool:
    """Everything up to there was sent, or is not wanted. False where another process sends now, or where the webhook is
    gone."""
    done = connection.execute(
        "UPDATE webhook SET position = greatest(position, %s), notice = greatest(notice, %s), sent = sent + %s, "
        "attempts = 0, last_error = CASE WHEN %s > 0 THEN '' ELSE last_error END, "
        "held_until = clock_timestamp() + make_interval(secs => %s) WHERE name = %s AND holder = %s",
        (position, notice, sent, sent, HELD, name, holder),
    )
    return done.rowcount == 1


def failed(connection: Connection, name: str, holder: str, error: str, again_in: float) -> None:
    """The next message was sent in vain; it is sent again after so many seconds."""
    connection.execute(
        "UPDATE webhook SET attempts = attempts + 1, last_error = %s, held_until = clock_timestamp(), "
        "next_at = clock_timestamp() + make_interval(secs => %s) WHERE name = %s AND holder = %s",
        (error[:_LONGEST_ERROR], again_in, name, holder),
    )


def bury(connection: Connection, webhook: Webhook, holder: str, position: int, notice: int, error: str) -> bool:
    """The message is given up: it is a dead letter, and the next one is sent. As `moved`."""
    with connection.transaction():
        if not moved(connection, webhook.name, holder, position, notice):
            return False
        connection.execute(
            "INSERT INTO webhook_dead_letter (webhook, position, notice, attempts, last_error) "
            "VALUES (%s, %s, %s, %s, %s)",
            (webhook.name, position, notice, webhook.attempts + 1, error[:_LONGEST_ERROR]),
        )
    return True


def replay(connection: Connection, name: str, position: int) -> bool:
    """Everything after a position is sent again. False where there is no such webhook."""
    done = connection.execute(
        # Who sends right now has to look again.
        "UPDATE webhook SET position = %s, attempts = 0, next_at = clock_timestamp(), holder = '', "
        "held_until = clock_timestamp() WHERE name = %s",
        (position, name),
    )
    return done.rowcount == 1


def dead_letters(connection: Connection, name: str | None, asked_again: bool = False, limit: int = 1_000
                 ) -> list[DeadLetter]:  # fmt: skip
    """Those of a webhook, or of all. `asked_again`: only those that are to be sent again."""
    rows = connection.execute(
        "SELECT id, webhook, position, notice, attempts, last_error, died_at, asked_again FROM webhook_dead_letter "
        "WHERE (%s::text IS NULL OR webhook = %s) AND (asked_again OR NOT %s) ORDER BY webhook, id LIMIT %s",
        (name, name, asked_again, limit),
    )
    return [DeadLetter(*row) for row in rows]


def letter_ids(connection: Connection, name: str) -> set[int]:
    """Of the dead letters of a webhook."""
    return {each for (each,) in connection.execute("SELECT id FROM webhook_dead_letter WHERE webhook = %s", (name,))}


def ask_again(connection: Connection, name: str, ids: list[int] | None) -> int:
    """Some dead letters, or all of a webhook, are to be sent again; returns how many."""
    done = connection.execute(
        "UPDATE webhook_dead_letter SET asked_again = true WHERE webhook = %s "
        "AND (%s::bigint[] IS NULL OR id = ANY (%s))",
        (name, ids, ids),
    )
    return done.rowcount


def sent_again(connection: Connection, letter: DeadLetter, error: str) -> None:
    """A dead letter was sent, or once more in vain."""
    if not error:
        connection.execute("DELETE FROM webhook_dead_letter WHERE id = %s", (letter.id,))
        return
    connection.execute(
        "UPDATE webhook_dead_letter SET asked_again = false, attempts = attempts + 1, last_error = %s WHERE id = %s",
        (error[:_LONGEST_ERROR], letter.id),
    )
