# mypyc: compiled
"""What events about watches mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.events.watches import WatchAdded, WatchChanged, WatchRemoved, WatchTold
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder

WATCH = "watch"
"""The kind of entity."""


@evolves(WatchAdded, WatchChanged)
def watch_told(recorder: Recorder, body: WatchTold) -> None:
    entity = recorder.directory.ensure((recorder.account, WATCH, body.name.lower()))
    value = {
        "name": body.name,
        "actions": body.actions,
        "resource": body.resource,
        "resource_account": body.resource_account,
        "account": body.account,
        "excepting": body.excepting,
        "note": body.note,
    }
    recorder.put(entity, attributes.WATCH, "", value)


@evolves(WatchRemoved)
def watch_removed(recorder: Recorder, body: WatchRemoved) -> None:
    recorder.drop(recorder.directory.ensure((recorder.account, WATCH, body.name.lower())), attributes.WATCH)
