"""The domain events. A type's name in the log never changes; the code that holds it may move.

- `base`: what every event's body has in common.
- `envelope`: who, when, from what evidence: what surrounds a body.
- `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`: the events, by area.
- `registry`: every type with its stable name, and how older forms are read.
"""

from erstwhile.domain.events.envelope import Actor, BareEvent, Details, Envelope, Event
from erstwhile.domain.events.registry import EVENT_TYPES, TYPE_NAMES, Body

__all__ = ["EVENT_TYPES", "TYPE_NAMES", "Actor", "BareEvent", "Body", "Details", "Envelope", "Event"]
