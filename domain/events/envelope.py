"""What surrounds an event's body: who, when, from what evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from erstwhile.domain.events.base import Body

B = TypeVar("B", bound=Body)


class Actor(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who made the change, as the record says it."""

    arn: str = ""
    id: str = ""
    type: str = ""
    access_key: str = ""
    mfa: bool | None = None
    invoked_by: str = ""


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may have to be forgotten: kept apart from the log, which holds only a salted hash."""

    source_ip: str = ""
    user_agent: str = ""
    session: str = ""


class Envelope(msgspec.Struct, Generic[B], frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The part of an event that is stored as JSON. `v` is the version of the body's form."""

    v: int = 1
    source: str = "api"  # api, cloudtrail, snapshot, catalogue, import, bootstrap
    actor: Actor = Actor()
    request_id: str = ""
    action: str = ""  # the API call, iam:AttachUserPolicy, where one made the event
    evidence: str = ""  # account/record id, or sha256:… of a document
    between: tuple[datetime, datetime] | None = None  # of a drift: after, until
    details_sha256: str = ""
    body: B


class BareEvent(msgspec.Struct, frozen=True, gc=False):
    """An event of an account under commands, without what surrounds it: all that its fold needs."""

    position: int
    occurred_at: datetime
    account: str
    body: Body


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event of the log: its place, and what it says."""

    position: int
    recorded_at: datetime
    occurred_at: datetime
    event_id: str
    type: str
    account: str
    envelope: Envelope[Body]

    @property
    def body(self) -> Body:
        return self.envelope.body

    @property
    def order_id(self) -> str:
        """Breaks ties of events of one instant, whatever order they arrived in."""
        return self.envelope.evidence or self.event_id
