"""A company of `benchmarks/company.py` in an embedded database, written once and kept under `build/`."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from benchmarks import company
from benchmarks.company import FILE, OBSERVED, Company, Happened, administrator
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.api.support.random_bytes import random_bytes
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import SALT_LENGTH, Append, NewEvent
from erstwhile.domain.events import TYPE_NAMES, Actor, Details
from erstwhile.domain.events.account import RecordsImported
from erstwhile.domain.events.policies import PolicyAttached
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.projections import audit, history
from erstwhile.projections.projector import set_checkpoint
from erstwhile.projections.rebuild import rebuild
from erstwhile.projections.sql import Connection

CACHE = Path("build") / "bench-history"
_BATCH = 5_000
_HOURS_WITHOUT = 60
"""Of so many files, one lacks a day."""


def home_of(made: Company, label: str) -> Path:
    """The home of a company's database; fills it if that was not done before."""
    home = CACHE / f"{label}-{made.events}-{company.EDITION}"
    fill(home, made)
    return home


def fill(home: Path, made: Company) -> None:
    """Makes a home with a company's database, if that was not done before."""
    filled = home / "filled"
    if filled.exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    database = Database.open(Settings(home=home))
    try:
        _fill(database, made)
    finally:
        database.close()
    filled.touch()


def _fill(database: Database, made: Company) -> None:
    out.print(f"  writing {made.events:,} events of {made.principals:,} principals, once…")
    with database.connect() as connection:
        connection.execute("SET synchronous_commit = off")
        log = EventLog.within(connection)
        for happened in _batches(made.happened()):
            with connection.transaction():
                log.append_batch([Append(tuple(_event(each) for each in happened))])
                if happened[0].account == OBSERVED and happened[0].recorded > happened[0].occurred:
                    _imported(connection, log, happened[0].recorded)
        top = log.head()
        # A rebuild begins at nothing, so the read models may as well be empty before.
        for name in (history.NAME, audit.NAME):
            set_checkpoint(connection, name, top)
    for name in (history.NAME, audit.NAME):
        rebuild(database.connect, name)
    with database.owner() as owner:
        owner.execute("VACUUM ANALYZE")
        owner.execute("CHECKPOINT")


def _batches(happened: Iterable[Happened]) -> Iterator[list[Happened]]:
    """Each file of records by itself; of the others, some thousand together."""
    for (_, _), each in groupby(happened, key=_file_of):
        found = list(each)
        for begin in range(0, len(found), _BATCH):
            yield found[begin : begin + _BATCH]


def _file_of(each: Happened) -> tuple[str, datetime | None]:
    return (each.account, each.recorded) if each.account == OBSERVED else ("", None)


def _event(happened: Happened) -> NewEvent:
    account, body = happened.account, happened.body
    number = int(happened.occurred.timestamp()) % company.ADMINISTRATORS
    user = administrator(account, number)
    arn = f"arn:aws:iam::{account}:user/{user.name}"
    is_observed = happened.account == OBSERVED
    source = "catalogue" if account == AWS_MANAGED else "cloudtrail" if is_observed else "api"
    has_details = number == 0
    return NewEvent(
        event_id=new_event_id(),
        account=account,
        body=body,
        occurred_at=happened.occurred,
        source=source,
        actor=Actor(arn=arn, id=user.id, type="IAMUser", access_key="AKIAADMIN00000000000"),
        request_id="5f1a3c7e-0000-4000-8000-000000000000",
        action=f"iam:{TYPE_NAMES[type(body)].removeprefix('iam.')}",
        evidence=f"{account}/{uuid.uuid4()}" if is_observed else "",
        details=Details(source_ip="198.51.100.7", user_agent="aws-cli/2.27.0") if has_details else None,
        salt=random_bytes(SALT_LENGTH) if has_details else b"",
    )


def _imported(connection: Connection, log: EventLog, until: datetime) -> None:
    """The end of a file with the records of three days: nearly every hour has some."""
    body = RecordsImported(sha256=hashlib.sha256(str(until).encode()).hexdigest(), records=72)
    log.append_batch([Append((NewEvent(event_id=new_event_id(), account=OBSERVED, body=body, source="import"),))])
    hours = [until - FILE + timedelta(hours=number) for number in range(72)]
    if (until - company.BEGIN) // FILE % _HOURS_WITHOUT == 7:
        hours = hours[:24] + hours[48:]
    rows = [(log.head(), OBSERVED, hour, 1, hour, hour + timedelta(minutes=59), 0) for hour in hours]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO account_coverage VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)


def late_attachment(connection: Connection, user: str, at: datetime) -> None:
    """Appends what a record of the observed account says now: that the policy which allows everything was attached to
    a user at an instant of the past."""
    body = PolicyAttached(subject=Ref("user", user), policy_arn=f"arn:aws:iam::{OBSERVED}:policy/admin")
    EventLog.within(connection).append_batch([Append((_event(Happened(at, at, OBSERVED, body)),))])
