# mypyc: compiled
"""What events about accounts and their settings mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import (
    AccountRegistered,
    ChangeFailed,
    ClaimSetAside,
    ClockStepped,
    CommandRefused,
    CredentialLocked,
    RecordsImported,
    SessionIssued,
    SettingPut,
    SettingRemoved,
    SignedIn,
    SnapshotTaken,
)
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.instants import BEFORE


@evolves(AccountRegistered)
def registered(recorder: Recorder, body: AccountRegistered) -> None:
    entity = recorder.directory.ensure((recorder.account, "account", recorder.account))
    # An observed account was there before we heard of it; a governed one begins here.
    at = BEFORE if body.mode == "observed" else recorder.at
    if entity.mode_fact is None:
        recorder.put(entity, attributes.MODE, "", {"mode": body.mode, "partition": body.partition}, at)


@evolves(SnapshotTaken)
def snapshot_taken(recorder: Recorder, body: SnapshotTaken) -> None:
    entity = recorder.directory.ensure((recorder.account, "account", recorder.account))
    value = {"sha256": body.sha256, "complete": body.complete}
    recorder.put(entity, attributes.SNAPSHOT, "", value)


@evolves(SettingPut)
def setting_put(recorder: Recorder, body: SettingPut) -> None:
    entity = recorder.directory.ensure((recorder.account, "setting", f"{body.category}/{body.name}"))
    recorder.put(entity, attributes.SETTING, "", dict(body.attributes))


@evolves(SettingRemoved)
def setting_removed(recorder: Recorder, body: SettingRemoved) -> None:
    entity = recorder.directory.ensure((recorder.account, "setting", f"{body.category}/{body.name}"))
    recorder.drop(entity, attributes.SETTING)


@evolves(
    RecordsImported,
    ChangeFailed,
    ClockStepped,
    CommandRefused,
    CredentialLocked,
    SessionIssued,
    ClaimSetAside,
    SignedIn,
)
def nothing(_recorder: Recorder, _body: Body) -> None:
    """Of the trail alone."""
