"""What changed, when, and by which event. An instant that is null stands for "before all records" or "for ever"."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct


class TimeSpan(Struct, rename={"since": "from", "until": "to"}):
    """An interval, without its end."""

    since: str | None
    until: str | None


class ToldEvent(Struct, kw_only=True):
    """An event: who did it, when, from where, by which call, on which evidence."""

    position: int
    account: str
    event: str
    action: str
    occurred_at: str
    recorded_at: str
    actor: str
    actor_id: str
    mfa: bool | None
    session: str
    source_ip: str
    user_agent: str
    source: str
    evidence: str | None
    between: list[str] | None


class ChangeMade(Struct, kw_only=True):
    """What changed: to which layer it belongs, whose fact it is, and by which event (null where the clock turned)."""

    layer: str
    change: Literal["added", "removed", "changed", "turned"]
    of: str
    attribute: str
    item: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    position: int | None
    event: ToldEvent | None


class LastingSo(TimeSpan, kw_only=True):
    """How long it is so without a pause, and what began and ends that; the first and the last interval in which it was
    allowed by one and the same decision, null where it never was."""

    began: list[ChangeMade]
    ended: list[ChangeMade]
    first: TimeSpan | None
    last: TimeSpan | None
