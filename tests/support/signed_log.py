"""A log of a few events with details, its ledger kept and signed; and decisions that were served, with their tree."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.api.database.database import Database
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.envelope import Details
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.ledger.notes import KeyType
from erstwhile.domain.ledger.signing import Signer
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.decision_rows import Logged, add
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerKeeper
from tests.support.given import ACCOUNT

ORIGIN = "audit.example/log"
SIGNERS = [Signer(ORIGIN, kind, bytes([kind] * 32)) for kind in (KeyType.ED25519, KeyType.ML_DSA_44_COSIGNATURE)]
KEYS = [signer.key for signer in SIGNERS]


def fill(database: Database, users: int = 9) -> None:
    """An account and its users, each third with an address."""
    bodies = (
        AccountRegistered(mode="governed"),
        *(UserCreated(subject=Ref("user", f"u{number}", f"AIDAU{number}")) for number in range(users)),
    )
    events = tuple(
        NewEvent(
            event_id=new_event_id(), account=ACCOUNT, body=body, salt=bytes(16),
            details=Details(source_ip="203.0.113.9", session="ada@example.com") if number % 3 == 0 else None,
        )
        for number, body in enumerate(bodies)
    )  # fmt: skip
    with database.connect() as connection:
        EventLog.within(connection).append_batch([Append(events)])


def sign(database: Database) -> None:
    keeper = LedgerKeeper(database.connect, ORIGIN, SIGNERS, lambda: 1_700_000_000)
    try:
        keeper.catch_up()
    finally:
        keeper.close()


def serve_decisions(database: Database, count: int = 3) -> None:
    """Records decisions, and signs the tree over them."""
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    told = (at, "shop", "user/u", "s3:GetObject", "arn:aws:s3:::a", "allow", "{}", '{"decision":true}', False, 7, 40)
    with database.connect() as connection, connection.transaction():
        add(connection, [Logged(0, *told) for _ in range(count)], set())
    keeper = DecisionKeeper(database.connect, ORIGIN, SIGNERS, lambda: 1_700_000_000)
    try:
        keeper.catch_up()
    finally:
        keeper.close()
