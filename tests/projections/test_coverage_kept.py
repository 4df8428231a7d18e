"""What a process keeps for the coverage of its answers says what a walk over everything says, at any instant and
position, while events come in any order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import Body, policies, principals, resources
from erstwhile.domain.events.account import AccountRegistered, RecordsImported, SnapshotTaken
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.projections import coverage
from erstwhile.projections.columns import store
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.coverage import KnownCoverage, coverage_of
from erstwhile.projections.past import Past
from erstwhile.projections.projector import Projector
from erstwhile.projections.sql import Connection
from tests.support import plain_coverage
from tests.support.examples import examples
from tests.support.records import ACCOUNT

OTHER = "999900001111"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("read", "Write", "both")
DOCUMENTS = (None, '{"Version":"2012-10-17","Statement":[]}', "not JSON")


def _arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:policy/{name}"


def _policy_event(chance: random.Random, account: str) -> Body:
    name = chance.choice(NAMES)
    of_aws = account == AWS_MANAGED
    subject, arn = (
        Ref("policy", name, "" if of_aws else chance.choice(("", f"ANPA{name}", f"ANPB{name}"))),
        _arn(account, name),
    )
    version, document = chance.choice(("v1", "v2", "v3")), chance.choice(DOCUMENTS)
    shown = Ref("aws-policy", _arn(AWS_MANAGED, name))
    made: tuple[Body, ...] = (
        policies.PolicyCreated(subject=subject, arn=chance.choice((arn, "")), document=document),
        policies.PolicyVersionCreated(
            subject=subject, arn=arn, version_id=version, document=document, is_default=chance.random() < 0.7
        ),
        policies.DefaultPolicyVersionSet(subject=subject, arn=arn, version_id=version),
        policies.PolicyVersionDeleted(subject=subject, arn=arn, version_id=version),
        policies.PolicyVersionsMissing(subject=subject, arn=arn, versions=[version]),
        policies.PolicyDeleted(subject=subject, arn=arn),
        policies.PolicyCreated(subject=subject, arn=arn, document=DOCUMENTS[1]),
        policies.PolicyListed(
            subject=subject, arn=arn, default_version="v1", versions=[policies.ListedVersion("v1", document)]
        ),
        policies.PolicyListed(
            subject=shown, arn=shown.name, default_version="v1", versions=[policies.ListedVersion("v1", document)]
        ),
        resources.ResourceRegistered(resource=arn),
    )
    return chance.choice(made[1:5] if of_aws else made)


def _principal_event(chance: random.Random, account: str) -> Body:
    kind, name = chance.choice((("user", "ada"), ("user", "bob"), ("role", "app"), ("group", "ops")))
    subject = Ref(kind, name, chance.choice(("", f"ID{name}")))
    arn = _arn(chance.choice((account, account, AWS_MANAGED, OTHER)), chance.choice(NAMES))
    if chance.random() < 0.1:
        arn = arn.replace("arn:aws:", "arn:aws-cn:")
    made: tuple[Body, ...] = (
        principals.PrincipalSeen(principal=subject),
        principals.UserCreated(subject=Ref("user", "ada", "IDada"), boundary=chance.choice(("", arn))),
        policies.PolicyAttached(subject=subject, policy_arn=arn),
        policies.PolicyAttached(subject=subject, policy_arn=arn),
        policies.PolicyDetached(subject=subject, policy_arn=arn),
        policies.PermissionsBoundarySet(subject=subject, policy_arn=arn),
        policies.PermissionsBoundaryRemoved(subject=subject),
        principals.EntityListed(subject=subject, attached=[arn]),
        principals.UserDeleted(subject=Ref("user", "ada")),
        SnapshotTaken(sha256="", complete=chance.random() < 0.5, baseline=False, entities=0),
    )
    return chance.choice(made)


def _file(chance: random.Random, account: str, clock: Iterator[int] | None = None) -> list[NewEvent]:
    """A few events that became known together. `clock`: the hours of events that cannot come late, those of a governed
    account."""
    found = []
    for _ in range(chance.randrange(1, 6)):
        owner = AWS_MANAGED if chance.random() < 0.15 else account
        body = (_principal_event if owner == account and chance.random() < 0.5 else _policy_event)(chance, owner)
        hour = chance.randrange(40) if clock is None or owner != account else next(clock)
        found.append(_event(owner, body, BEGIN + timedelta(hours=hour), str(chance.random())))
    return found


def _event(account: str, body: Body, at: datetime, evidence: str) -> NewEvent:
    number = random.Random(evidence).getrandbits(128)
    event_id = f"{number:032x}"
    return NewEvent(
        event_id=event_id, account=account, body=body, occurred_at=at, source="cloudtrail", evidence=evidence
    )


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        yield connection


def _append(connection: Connection, events: list[NewEvent]) -> None:
    EventLog.within(connection).append_batch([Append(tuple(events))])


def _import(connection: Connection, chance: random.Random, account: str) -> None:
    """Events, and hours of the account that have records."""
    body = RecordsImported(sha256="", records=1)
    _append(connection, [*_file(chance, account), _event(account, body, BEGIN, str(chance.random()))])
    position = EventLog.within(connection).head()
    for hour in chance.sample(range(40), 3):
        at = BEGIN + timedelta(hours=hour)
        connection.execute(
            "INSERT INTO account_coverage VALUES (%s, %s, %s, 2, %s, %s, 1)",
            (position, account, at, at + timedelta(minutes=5), at + timedelta(minutes=50)),
        )


@pytest.mark.parametrize("seed", range(examples(100, 8)))
def test_what_is_kept_says_what_a_walk_over_everything_says(
    database: Database, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    if seed % 2:
        monkeypatch.setattr(store, "LEAST", 1)  # the columns are made anew now and then, and kept in a file
    # Few: commands refuse a policy for a user who is not there, which records show of one who was there before them. In
    # a governed account such an event would make a second life of an entity beside the first.
    is_governed = seed in (0, 4)
    chance, projector, columns = random.Random(seed), Projector(database.connect), ColumnStore(database.connect)
    known = KnownCoverage(columns.history)
    past = Past(columns)
    modes = (AccountRegistered(mode="observed"), AccountRegistered(mode="governed", partition="aws-cn"))
    _append(connection, [_event(ACCOUNT, modes[0], BEGIN, "a"), _event(OTHER, modes[is_governed], BEGIN, "b")])
    hours = count(1)
    for _ in range(10):
        account = chance.choice((ACCOUNT, ACCOUNT, OTHER))
        if account == OTHER and is_governed:
            _append(connection, _file(chance, account, hours))
        elif chance.random() < 0.4:
            _import(connection, chance, account)
        else:
            _append(connection, _file(chance, account))
        projector.catch_up()
        top = EventLog.within(connection).head()
        whole = ColumnStore(database.connect, tmp_path / str(top))  # nothing came since it was made
        for _ in range(5):
            at = BEGIN + timedelta(minutes=chance.choice((0, 1, 60, 60)) * chance.randrange(60))
            known_at = chance.choice((top, top, chance.randrange(top + 1)))
            directory = past.directory(at, known_at)
            assert past.counts(at, known_at) == Counter((each.account, each.kind) for each in directory.all())
            accounts = chance.choice((directory.accounts(), [ACCOUNT], [OTHER], [ACCOUNT, OTHER], ["000000000000"]))
            told = coverage_of(connection, directory, at, accounts, known)
            assert told == plain_coverage.coverage_of(connection, directory, at, accounts)
            assert told == coverage_of(connection, directory, at, accounts, KnownCoverage(columns.history))
            missing = plain_coverage.missing_documents(directory)
            assert coverage.missing_documents(at, known_at, known) == missing
            assert coverage.missing_documents(at, known_at, KnownCoverage(columns.history)) == missing
            assert coverage.missing_documents(at, known_at, KnownCoverage(whole.history)) == missing
            assert coverage.uncovered_principals(connection, at, known_at) == plain_coverage.uncovered_principals(
                directory
            )
        whole.close()
    top = EventLog.within(connection).head()
    for minute in chance.sample(range(-60, 41 * 60, 30), 20):  # all of one history, which keeps what it told
        at = BEGIN + timedelta(minutes=minute)
        directory = past.directory(at, top)
        accounts = chance.choice(([ACCOUNT], [ACCOUNT, OTHER]))
        told = coverage_of(connection, directory, at, accounts, known)
        assert told == plain_coverage.coverage_of(connection, directory, at, accounts)
    projector.close()
    columns.close()


def test_some_of_those_never_covered_are_named_and_all_are_counted(database: Database, connection: Connection) -> None:
    projector, columns = Projector(database.connect), ColumnStore(database.connect)
    _append(connection, [_event(ACCOUNT, AccountRegistered(mode="observed"), BEGIN, "a")])
    seen = [principals.PrincipalSeen(principal=Ref("user", f"u{number}", f"AIDA{number:02}")) for number in range(30)]
    for number, body in enumerate(seen):
        _append(connection, [_event(ACCOUNT, body, BEGIN + timedelta(minutes=number), f"seen {number}")])
        projector.catch_up()
        columns.history(0)  # what came is a segment of its own, or one with others
    directory = Past(columns).directory(BEGIN + timedelta(days=1), EventLog.within(connection).head())
    told = coverage_of(connection, directory, BEGIN, [ACCOUNT], KnownCoverage(columns.history))
    assert told["principals_never_covered_in_all"] == 30
    assert told["principals_never_covered"] == sorted(f"{ACCOUNT}:user/u{n}" for n in range(coverage.PRINCIPALS_SHOWN))
    projector.close()
    columns.close()
