"""The report of an incident as one value: its sections, but for those about what could be done (`report_of_access`). An
instant that is None is not known, or has not come."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from erstwhile.domain.incident.parts import Act, Section, Sure


class Credential(Struct, frozen=True, kw_only=True):
    """An access key, a session, or a principal that was made. `generation`: 0 for what was asked about, 1 for what that
    made, and so on; `parent`: by which key it was made."""

    kind: Literal["access_key", "session", "principal"]
    access_key: str
    principal: str
    session: str
    account: str
    generation: int
    parent: str
    made: Act | None
    expires_at: datetime | None = None
    first_call: datetime | None = None
    last_call: datetime | None = None
    calls: int = 0
    refused: int = 0
    sure: Sure


class Place(Struct, frozen=True, kw_only=True):
    """From where a key was used, with which agent. `regions`: those of the records that were read."""

    access_key: str
    source_ip: str
    user_agent: str
    regions: tuple[str, ...]
    first_call: datetime
    last_call: datetime
    calls: int
    sure: Sure = "recorded"


class Whose(Section, frozen=True, kw_only=True, tag="whose"):
    """Whose it is. `account_by_form`: the account that the key's id tells, '' where it tells none."""

    principal: str
    unique_id: str
    account: str
    account_by_form: str
    credentials: tuple[Credential, ...]
    places: tuple[Place, ...]


class ActionCount(Struct, frozen=True, kw_only=True):
    action: str
    calls: int


class Intention(Struct, frozen=True, kw_only=True):
    """Successful calls of one intent, with the actions by number of calls. An intent is what such calls are usually
    for: their names are all that it rests on."""

    intent: str
    calls: int
    first_call: datetime
    last_call: datetime
    actions: tuple[ActionCount, ...]
    sure: Sure


class SessionDeeds(Struct, frozen=True, kw_only=True):
    """What one key or session did."""

    access_key: str
    principal: str
    session: str
    intents: tuple[Intention, ...]


class RefusedCalls(Struct, frozen=True, kw_only=True):
    access_key: str
    principal: str
    action: str
    error_code: str
    calls: int
    first_call: datetime
    last_call: datetime
    sure: Sure = "recorded"


class Touched(Struct, frozen=True, kw_only=True):
    """A resource that successful calls named."""

    resource: str
    calls: int
    actions: tuple[str, ...]
    first_call: datetime
    last_call: datetime
    sure: Sure = "recorded"


class Pivot(Struct, frozen=True, kw_only=True):
    """A way into another account: a role of its that was assumed, or calls in its trail."""

    account: str
    principal: str
    how: Literal["assumed_role", "calls"]
    calls: int
    first: Act
    sure: Sure


class Did(Section, frozen=True, kw_only=True, tag="did"):
    sessions: tuple[SessionDeeds, ...]
    refused: tuple[RefusedCalls, ...]
    touched: tuple[Touched, ...]
    pivots: tuple[Pivot, ...]


Standing = Literal["stands", "ended", "replaced", "put_back", "unknown"]


class Left(Struct, frozen=True, kw_only=True):
    """What an event made, changed or removed, and whether that is still so. `of`: the entity's ARN; `attribute` and
    `item`: which fact of it; `detail`: what else there is to say of it at the end; `before`: the document or value that
    was there before, where there was one. `ended`: what ended it, or put it back."""

    what: str
    change: Literal["made", "changed", "removed"]
    account: str
    kind: str
    of: str
    attribute: str
    item: str
    detail: str
    before: str | None
    act: Act
    stands: Standing
    ended: Act | None
    sure: Sure


class Persistence(Section, frozen=True, kw_only=True, tag="persistence"):
    lines: tuple[Left, ...]
    standing: int


class Tampering(Struct, frozen=True, kw_only=True):
    """A call that turns off records, alarms or detectors. `is_own`: what it was about had been made by the same hands;
    `without_records_from`, `without_records_to`: the hours without records that followed it."""

    act: Act
    words: str
    target: str
    error_code: str
    is_own: bool
    without_records_from: datetime | None
    without_records_to: datetime | None
    sure: Sure = "recorded"


class Watch(Section, frozen=True, kw_only=True, tag="watch"):
    tampering: tuple[Tampering, ...]


class Measure(Struct, frozen=True, kw_only=True):
    """What was done against a key, session or principal. `new_calls`: from when it refused new calls by this
    credential; None where it does not. `running`: what it did to sessions that were running."""

    what: str
    on: str
    act: Act
    new_calls: datetime | None
    running: Literal["ended", "not_ended", "none_known"]
    calls_after: int
    refused_after: int
    last_after: datetime | None
    sure: Sure = "recorded"


class Openness(Struct, frozen=True, kw_only=True):
    """Whether a credential still works. `until`: when it expires."""

    kind: Literal["access_key", "session", "password"]
    name: str
    principal: str
    account: str
    state: Literal["open", "closed", "unknown"]
    why: str
    until: datetime | None
    sure: Sure


class Revocation(Section, frozen=True, kw_only=True, tag="revocation"):
    """`is_over`: whether nothing is open: no credential works, and nothing stands that was made."""

    measures: tuple[Measure, ...]
    credentials: tuple[Openness, ...]
    is_over: Literal["yes", "no", "unknown"]


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the timeline: a call, a change, or calls of one kind that followed one another."""

    at: datetime
    until: datetime
    what: str
    intent: str
    outcome: str
    actor: str
    access_key: str
    session: str
    source_ip: str
    calls: int
    evidence: str
    position: int | None
    sure: Sure = "recorded"


class Timeline(Section, frozen=True, kw_only=True, tag="timeline"):
    entries: tuple[Entry, ...]


class Command(Struct, frozen=True, kw_only=True):
    """A command of the AWS CLI, in the account of that name; '' where only words can be given. `sure`: that what it
    closes is open."""

    account: str
    why: str
    command: str
    sure: Sure


class Closing(Section, frozen=True, kw_only=True, tag="closing"):
    """Commands that would close what is open. Nothing here runs them."""

    commands: tuple[Command, ...]
