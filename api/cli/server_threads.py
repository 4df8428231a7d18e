"""The threads that a server has beside its answers, as the environment says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from erstwhile.api.aws.secrets.vault import open_vault
from erstwhile.api.background.background import Working
from erstwhile.api.database.database import WORK
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.decision_log.process import RecordingProcess
from erstwhile.api.decision_log.settings import from_environment as decision_log_settings
from erstwhile.api.keeping.retention import RetentionThread
from erstwhile.api.ledger.anchoring import AnchorThread, seconds_between
from erstwhile.api.ledger.anchors import from_environment as anchors_of_environment
from erstwhile.api.ledger.keeping import DecisionTreeThread, LedgerThread
from erstwhile.api.ledger.keys import read_signers
from erstwhile.api.ledger.witnesses import WitnessThreads
from erstwhile.api.ledger.witnesses import from_environment as witness_addresses
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.serving import logs
from erstwhile.api.serving.access_log import AccessLog
from erstwhile.api.serving.access_log import from_environment as access_log_settings
from erstwhile.api.serving.worker import Worker
from erstwhile.api.webhooks.thread import WebhookThreads
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerKeeper


class _Startable(Working, Protocol):
    def start(self) -> None: ...

    def close(self) -> None: ...


T = TypeVar("T", bound=_Startable)


class Recording(NamedTuple):
    """Where decisions and requests are recorded; None where they are not."""

    decisions: DecisionLog | None
    requests: AccessLog | None


@contextmanager
def working(runtime: FollowingRuntime, home: Path | None, worker: Worker | None) -> Iterator[Recording]:
    """Runs them for the block; the last one that is started ends first. Raises MalformedSetting."""
    database, signers = runtime.database, read_signers(home)
    witnesses, anchors, every = witness_addresses(), anchors_of_environment(), seconds_between()
    decisions, requests = decision_log_settings(), access_log_settings()
    number = None if worker is None else worker.place.number
    signing = database.connect, signers[0].key.name, signers, lambda: int(time.time())
    with ExitStack() as parts:

        def started(thread: T) -> T:
            parts.callback(thread.close)
            runtime.background.add(thread)
            thread.start()
            return thread

        started(LedgerThread(LedgerKeeper(*signing), lambda: runtime.current.position))
        recording = RecordingProcess(database.dsn, WORK, decisions.masked)
        parts.callback(recording.abandon)
        elsewhere = recording.take_in if decisions.is_on else None
        started(DecisionTreeThread(DecisionKeeper(*signing, elsewhere)))
        started(WitnessThreads(witnesses, database.connect))
        started(WebhookThreads(database, open_vault(home)))
        if anchors:
            started(AnchorThread(anchors, every, database.connect))
        started(RetentionThread(database.connect))
        yield Recording(
            started(DecisionLog(recording, decisions)) if decisions.is_on else None,
            started(AccessLog(requests, logs.is_json(), number)) if requests.is_on else None,
        )
