# mypyc: compiled
"""What events about exceptions mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.events.exceptions import ExceptionAdded, ExceptionRemoved
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder

EXCEPTION = "exception"
"""The kind of entity."""


@evolves(ExceptionAdded)
def added(recorder: Recorder, body: ExceptionAdded) -> None:
    entity = recorder.directory.ensure((recorder.account, EXCEPTION, body.name.lower()))
    value = {
        "name": body.name, "check": body.check, "target": body.target, "account": body.account,
        "owner": body.owner, "reason": body.reason, "expires": body.expires,
    }  # fmt: skip
    recorder.put(entity, attributes.EXCEPTION, "", value)


@evolves(ExceptionRemoved)
def removed(recorder: Recorder, body: ExceptionRemoved) -> None:
    recorder.drop(recorder.directory.ensure((recorder.account, EXCEPTION, body.name.lower())), attributes.EXCEPTION)
