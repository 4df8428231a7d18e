# mypyc: compiled
"""What events about accounts and their settings mean."""

from __future__ import annotations

from erstwhile.domain.events import account as e
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.instants import BEFORE


def registered(recorder: Recorder, body: e.AccountRegistered) -> None:
    entity = recorder.directory.ensure((recorder.account, "account", recorder.account))
    # An observed account was there before we heard of it; a governed one begins here.
    at = BEFORE if body.mode == "observed" else recorder.at
    if not entity.has("mode"):
        recorder.put(entity, "mode", "", {"mode": body.mode, "partition": body.partition}, at)


def snapshot_taken(recorder: Recorder, body: e.SnapshotTaken) -> None:
    entity = recorder.directory.ensure((recorder.account, "account", recorder.account))
    value = {"sha256": body.sha256, "complete": body.complete}
    recorder.put(entity, "snapshot", "", value)


def setting_put(recorder: Recorder, body: e.SettingPut) -> None:
    entity = recorder.directory.ensure((recorder.account, "setting", f"{body.category}/{body.name}"))
    recorder.put(entity, "setting", "", dict(body.attributes))


def setting_removed(recorder: Recorder, body: e.SettingRemoved) -> None:
    entity = recorder.directory.ensure((recorder.account, "setting", f"{body.category}/{body.name}"))
    recorder.drop(entity, "setting")


def nothing(
    recorder: Recorder,
    body: e.ChangeFailed
    | e.ClaimSetAside
    | e.ClockStepped
    | e.CommandRefused
    | e.CredentialLocked
    | e.RecordsImported
    | e.SessionIssued
    | e.SignedIn,
) -> None:
    """Of the trail alone."""
