"""The audit trail: who did what to whom, when, from where, with what effect. Tables `audit`, `audit_change`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from domain.events import Body, Event, account
from domain.facts import Change
from domain.fold import Replacement
from domain.identifiers import Ref
from projections.sql import Connection, copy_lines, escaped

NAME = "audit"
TABLES = ("audit", "audit_change")

_COPY_ROW = (
    "audit (position, occurred_at, recorded_at, account, actor, actor_id, actor_type, access_key, mfa, action, "
    "event_type, targets, outcome, error_code, source, evidence)"
)
_COPY_CHANGE = "audit_change (position, account, kind, entity, changes)"
_TARGET_FIELDS = ("policy_arn", "arn", "resource", "access_key_id", "policy_name", "target", "policy", "node", "name",
                  "boundary", "grantee", "target_account", "serial_number")  # fmt: skip

_fields: dict[type[Body], tuple[list[str], list[str]]] = {}


def targets(body: Body) -> list[str]:
    """What an event touches, as people would search for it: `user/ada`, unique ids, ARNs, key ids."""
    body_type = type(body)
    plan = _fields.get(body_type)
    if plan is None:
        names = body_type.__struct_fields__
        refs = [name for name in names if name in ("subject", "group", "role", "principal")]
        plan = _fields[body_type] = (refs, [name for name in names if name in _TARGET_FIELDS])
    found: list[str] = []
    for name in plan[0]:
        ref = getattr(body, name)
        if isinstance(ref, Ref):
            found.append(f"{ref.kind}/{ref.name}")
            if ref.id:
                found.append(ref.id)
    for name in plan[1]:
        value = getattr(body, name)
        if value and isinstance(value, str):
            found.append(value)
    return found


class AuditWriter:
    """Rows of the trail; `flush` writes them in the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[str] = []
        self._changes: dict[tuple[int, str, str, str], list[Change]] = {}

    def event(self, event: Event) -> None:
        envelope, body = event.envelope, event.envelope.body
        actor = envelope.actor
        outcome, code = "success", ""
        if isinstance(body, account.ChangeFailed):
            outcome, code = "failed", body.error_code
        elif isinstance(body, account.CommandRefused):
            outcome, code = "refused", body.error_code
        elif envelope.between is not None:
            outcome = "drift"
        action = envelope.action or (
            body.operation if isinstance(body, account.ChangeFailed) else event.type.rpartition(".")[2]
        )
        self._rows.append(
            "\t".join(
                (
                    str(event.position),
                    event.occurred_at.isoformat(),
                    event.recorded_at.isoformat(),
                    event.account,
                    escaped(actor.arn),
                    escaped(actor.id),
                    actor.type,
                    actor.access_key,
                    "\\N" if actor.mfa is None else "t" if actor.mfa else "f",
                    escaped(action),
                    event.type,
                    _array(targets(body)),
                    outcome,
                    escaped(code),
                    envelope.source,
                    escaped(envelope.evidence),
                )
            )
        )

    def change(self, change: Change) -> None:
        key = (change.position, change.account, change.kind, change.entity)
        self._changes.setdefault(key, []).append(change)

    def replace(self, replacement: Replacement) -> None:
        """The component's events changed other things than was thought."""
        self.flush()
        entities = list(replacement.stale | {row[:3] for row in replacement.intervals})
        if entities:
            columns = [list(column) for column in zip(*entities, strict=True)]
            self._connection.execute(
                "DELETE FROM audit_change a USING unnest(%s::text[], %s::text[], %s::text[]) "
                "AS k (account, kind, entity) WHERE (a.account, a.kind, a.entity) = (k.account, k.kind, k.entity)",
                columns,
            )
        for changes in replacement.effects.values():
            for change in changes:
                self.change(change)

    def flush(self) -> None:
        """Writes all that is pending."""
        if self._rows:
            copy_lines(self._connection, _COPY_ROW, self._rows)
            self._rows.clear()
        if self._changes:
            copy_lines(self._connection, _COPY_CHANGE, self._change_lines())
            self._changes.clear()

    def _change_lines(self) -> Iterable[str]:
        for (position, account_id, kind, entity), changes in self._changes.items():
            told = [
                {
                    "attribute": change.attribute,
                    "item": change.item,
                    "before": change.before.value if change.before else None,
                    "after": change.after,
                }
                for change in changes
            ]
            text = orjson.dumps(told).decode()
            yield f"{position}\t{account_id}\t{kind}\t{escaped(entity)}\t{escaped(text)}"


def _array(items: list[str]) -> str:
    """A text[] literal, as a field of COPY's text format."""
    quoted: list[Any] = ['"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items]
    return escaped("{" + ",".join(quoted) + "}")
