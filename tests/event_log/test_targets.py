"""The audit trail finds an event by its targets: the events' classes and the SQL function name the same fields."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.api.database.database import Database
from erstwhile.domain.event_log.codec import encode
from erstwhile.domain.events import TYPE_NAMES, Body, Envelope
from erstwhile.domain.vocabulary.identifiers import Ref


def _filled(cls: type[Body]) -> Body:
    """An event in which every text and reference has a value of its own."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        if field.type is Ref:
            values[field.name] = Ref(f"kind of {field.name}", f"name of {field.name}", f"id of {field.name}")
        elif field.type is str:
            values[field.name] = f"value of {field.name}"
        elif field.required:
            values[field.name] = None
    return cls(**values)


def _targets(body: Body) -> list[str]:
    found: list[str] = []
    for name in type(body).targets:
        value = getattr(body, name)
        found += [f"{value.kind}/{value.name}", value.id] if isinstance(value, Ref) else [value]
    return found


def test_every_event_is_found_by_the_targets_of_its_class(database: Database) -> None:
    with database.connect() as connection:
        for cls in TYPE_NAMES:
            body = _filled(cls)
            row = connection.execute(
                "SELECT event_targets(%s::jsonb->'body')", (encode(Envelope(body=body)).decode(),)
            ).fetchone()
            assert row is not None and row[0] == _targets(body), cls
