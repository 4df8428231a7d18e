# mypyc: compiled
"""What events about accounts and their settings mean."""

from __future__ import annotations

from erstwhile.domain.events import account as e
from erstwhile.domain.evolve.recorder import Pen
from erstwhile.domain.vocabulary.instants import BEFORE


def registered(pen: Pen, body: e.AccountRegistered) -> None:
    entity = pen.directory.ensure((pen.account, "account", pen.account))
    # An observed account was there before we heard of it; a governed one begins here.
    at = BEFORE if body.mode == "observed" else pen.at
    if not entity.has("mode"):
        pen.put(entity, "mode", "", {"mode": body.mode, "partition": body.partition}, at)


def snapshot_taken(pen: Pen, body: e.SnapshotTaken) -> None:
    entity = pen.directory.ensure((pen.account, "account", pen.account))
    value = {"sha256": body.sha256, "complete": body.complete}
    pen.put(entity, "snapshot", "", value)


def setting_put(pen: Pen, body: e.SettingPut) -> None:
    entity = pen.directory.ensure((pen.account, "setting", f"{body.category}/{body.name}"))
    pen.put(entity, "setting", "", dict(body.attributes))


def setting_removed(pen: Pen, body: e.SettingRemoved) -> None:
    entity = pen.directory.ensure((pen.account, "setting", f"{body.category}/{body.name}"))
    pen.drop(entity, "setting")


def nothing(
    pen: Pen,
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
