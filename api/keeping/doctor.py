"""What is wrong with an installation, and what to do: looks at home, database and keys, and changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import LiteralString

import msgspec
import psycopg

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing
from erstwhile.api.aws.secrets.vault import open_vault
from erstwhile.api.database import home_check, roles
from erstwhile.api.database.database import Database, DatabaseUnavailable
from erstwhile.api.database.settings import MalformedSetting, Settings
from erstwhile.api.decision_log.settings import from_environment
from erstwhile.api.ledger.keys import given_signers, public_keys
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.ledger.notes import MalformedKey
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.projections.clock import TOLERATED, clock_state
from erstwhile.projections.ledger.keeper import latest
from erstwhile.projections.set_apart import set_apart
from erstwhile.projections.sql import Connection

APART = 5.0
"""Seconds by which the clocks of this machine and of the database's may differ without a word."""
STALE = 60.0
"""Seconds in which a checkpoint of the newest events is made while a server runs."""
_LAGS: LiteralString = """
SELECT projection, position, (SELECT coalesce(max(position), 0) FROM event) FROM checkpoint ORDER BY projection
"""
_SEALED: LiteralString = (
    "SELECT EXISTS (SELECT FROM credential_secret) OR EXISTS (SELECT FROM mfa_seed) OR EXISTS (SELECT FROM webhook)"
)
_LAST_CHECKPOINT: LiteralString = """
SELECT size, extract(epoch FROM clock_timestamp() - made_at)::float8,
       extract(epoch FROM clock_timestamp() - (SELECT recorded_at FROM event ORDER BY position DESC LIMIT 1))::float8
FROM ledger_checkpoint ORDER BY size DESC LIMIT 1
"""
_WEBHOOKS: LiteralString = """
SELECT w.name, w.attempts, w.last_error, (SELECT count(*) FROM webhook_dead_letter d WHERE d.webhook = w.name)
FROM webhook w ORDER BY w.name
"""


class State(StrEnum):
    OK = "ok"
    BEWARE = "beware"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """`found`: what is so; `advice`: what to do, where something is."""

    check: str
    state: State
    found: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding or more of each check, in order. What cannot be looked at is a finding, too."""
    yield from _home(settings)
    try:
        database = Database.open(settings)
    except (DatabaseUnavailable, psycopg.Error) as error:
        advice = "start it, or correct ERSTWHILE_DATABASE_URL" if settings.database_url else "see the log in run/log"
        yield Finding("database", State.WRONG, str(error), advice)
        return
    try:
        yield from _database(settings, database)
    finally:
        database.close()


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.exists():
        yield Finding("home", State.OK, f"{home} is not there yet: the first command makes it")
        return
    wrong = home_check.findings(home)
    for each in wrong:
        what, _, advice = each.rpartition(": ")
        yield Finding("home", State.WRONG, what, advice)
    if not wrong:
        room = shutil.disk_usage(home).free
        yield Finding("home", State.OK, f"{home} is closed to others; {room >> 30:,} GB are left on its disk")


def _database(settings: Settings, database: Database) -> Iterator[Finding]:
    try:
        pending = database.pending_migrations()
        with database.owner() as connection:
            version = connection.info.parameter_status("server_version") or "?"
            yield Finding("database", State.OK, f"PostgreSQL {version.split()[0]} answers")
        if pending:
            found = f"{len(pending)} are not applied, {pending[0]} first"
            yield Finding("migrations", State.WRONG, found, "run `erstwhile migrate` as the owner")
            return
        yield Finding("migrations", State.OK, "all are applied")
        with database.connect() as connection:
            connection.execute("SET statement_timeout = '20s'")
            for check in _CHECKS:
                yield from _looked(check, settings, connection)
    except (DatabaseUnavailable, psycopg.Error) as error:
        yield Finding("database", State.WRONG, str(error).strip().splitlines()[0], "see the database's own log")


Check = Callable[[Settings, Connection], Iterator[Finding]]


def _looked(check: Check, settings: Settings, connection: Connection) -> Iterator[Finding]:
    name = check.__name__.strip("_").replace("_", " ")
    try:
        yield from check(settings, connection)
    except (MalformedSetting, MalformedKey, MasterKeyMissing, OSError) as error:
        yield Finding(name, State.WRONG, str(error), "correct the setting or the file")
    except psycopg.Error as error:
        yield Finding(name, State.WRONG, str(error).strip().splitlines()[0], "see the database's own log")


def _rights(settings: Settings, connection: Connection) -> Iterator[Finding]:
    beyond = roles.beyond_the_service(connection)
    if beyond:
        advice = "let servers log in as a member of erstwhile_service alone (KEEPING.md)"
        yield Finding("rights", State.BEWARE, f"the server's login may alter the past: {', '.join(beyond)}", advice)
    else:
        yield Finding("rights", State.OK, "the server's login can alter neither log nor ledger")


def _clock(settings: Settings, connection: Connection) -> Iterator[Finding]:
    before = datetime.now(UTC)
    [(theirs,)] = connection.execute("SELECT clock_timestamp()").fetchall()
    after = datetime.now(UTC)
    apart = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    state = clock_state(connection)
    if apart > APART:
        found = f"this machine and the database's are {apart:,.0f} s apart"
        yield Finding("clock", State.WRONG if apart > TOLERATED else State.BEWARE, found, "let both follow NTP")
    elif state is not None:
        yield Finding(
            "clock", State.WRONG, str(state["detail"]), f"wait {state['ahead_seconds']:,} s, or correct the clock"
        )
    else:
        yield Finding("clock", State.OK, "this machine, the database and the log agree")


def _read_models(settings: Settings, connection: Connection) -> Iterator[Finding]:
    rows = connection.execute(_LAGS).fetchall()
    behind = [f"{name} by {head - position:,}" for name, position, head in rows if position < head]
    if behind:
        advice = (
            "they catch up while a server runs, and before the next question; where they do not: `erstwhile rebuild`"
        )
        yield Finding("read models", State.BEWARE, f"behind the log: {', '.join(behind)} events", advice)
    else:
        yield Finding("read models", State.OK, f"at position {rows[0][2] if rows else 0:,}, where the log is")


def _set_apart(settings: Settings, connection: Connection) -> Iterator[Finding]:
    found = set_apart(connection, EventLog.within(connection).head())
    if found["count"]:
        last = found["events"][0]
        where = f"the last at position {last['position']:,}: {last['reason']}"
        text = f"{found['count']:,} events could not be applied, {where}"
        yield Finding(
            "events", State.WRONG, text, "upgrade, then `erstwhile rebuild history`; `erstwhile status` lists them"
        )
    else:
        yield Finding("events", State.OK, "all could be applied")


def _keys(settings: Settings, connection: Connection) -> Iterator[Finding]:
    home = settings.home
    sealed = connection.execute(_SEALED).fetchone() == (True,)
    is_there = bool(os.environ.get("ERSTWHILE_MASTER_KEY")) or (home / "master.key").exists()
    if is_there:
        open_vault(home).require_all(connection)
        yield Finding("master key", State.OK, "opens all secrets" if sealed else "is there")
    elif sealed:
        advice = "bring it back from where it was kept; without it, access keys and MFA devices have to be made anew"
        yield Finding("master key", State.WRONG, f"secrets are sealed, and {home / 'master.key'} is not there", advice)
    else:
        yield Finding("master key", State.OK, "no secret is sealed yet")
    note = latest(connection)
    ours = [signer.key for signer in given_signers()] or public_keys(home)
    if note is None:
        yield Finding("ledger keys", State.OK, "nothing was signed yet")
        return
    try:
        signers = verified(note, ours)
    except BadSignature as error:
        yield Finding("ledger keys", State.WRONG, f"the last checkpoint: {error}", "run `erstwhile verify`")
        return
    private = bool(given_signers()) or (home / "ledger.key").exists()
    if signers and private:
        yield Finding("ledger keys", State.OK, f"those of {signers[0].name}, which signed the last checkpoint")
    else:
        found = "none of the keys here has signed the last checkpoint" if private else "ledger.key is not there"
        yield Finding(
            "ledger keys", State.WRONG, found, "give ERSTWHILE_LEDGER_KEY the keys that sign this log (LEDGER.md)"
        )


def _ledger(settings: Settings, connection: Connection) -> Iterator[Finding]:
    head, row = EventLog.within(connection).head(), connection.execute(_LAST_CHECKPOINT).fetchone()
    if head == 0 or (row is not None and row[0] >= head):
        yield Finding("ledger", State.OK, f"all {head:,} events are signed")
        return
    signed, waits = (int(row[0]), float(row[2])) if row is not None else (0, STALE + 1)
    found = f"{head - signed:,} of {head:,} events are not signed"
    state = State.BEWARE if waits > STALE else State.OK
    yield Finding("ledger", state, found, "run a server, or `erstwhile ledger checkpoint`" if waits > STALE else "")


def _decision_log(settings: Settings, connection: Connection) -> Iterator[Finding]:
    chosen = from_environment()
    [(days,)] = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'decision'::regclass").fetchall()
    if not chosen.is_on:
        yield Finding(
            "decision log", State.BEWARE, "is off: what is answered is not recorded", "set ERSTWHILE_DECISION_LOG"
        )
    else:
        yield Finding("decision log", State.OK, f"is on; {days:,} days are kept")


def _webhooks(settings: Settings, connection: Connection) -> Iterator[Finding]:
    rows = connection.execute(_WEBHOOKS).fetchall()
    for name, attempts, error, dead in rows:
        if attempts or dead:
            found = (
                f"{name}: {attempts:,} attempts failed in a row{f' ({error})' if error else ''}, {dead:,} dead letters"
            )
            yield Finding("webhooks", State.BEWARE, found, "see `erstwhile webhook list` and `dead-letters`")
    if rows and not any(row[1] or row[3] for row in rows):
        yield Finding("webhooks", State.OK, f"{len(rows):,} receive what is sent")


_CHECKS: tuple[Check, ...] = (
    _rights, _clock, _read_models, _set_apart, _keys, _ledger, _decision_log, _webhooks,
)  # fmt: skip
