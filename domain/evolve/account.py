# mypyc: compiled
"""What events about accounts and their settings mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.account_modes import NOT_YET
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
    if entity.mode_fact is not None:
        return
    value = {"mode": body.mode, "partition": body.partition}
    if body.mode == "observed":  # it was there before we heard of it
        recorder.put(entity, attributes.MODE, "", value, BEFORE)
    else:  # it begins here: before, it was not a stranger of whom nothing is known, but nobody
        recorder.put(entity, attributes.MODE, "", value | {"mode": NOT_YET}, BEFORE)
        recorder.put(entity, attributes.MODE, "", value)


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
