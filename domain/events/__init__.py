"""The domain events. A type's name in the log never changes; the code that holds it may move.

- `base`: what every event's body has in common.
- `concerns`: which slot an event is about, and which entities it names beside its subject.
- `envelope`: who, when, from what evidence: what surrounds a body.
- `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`, `watches`, `reviews`, `approvals`,
  `exceptions`: the events, by area.
- `registry`: every type with its stable name; it refuses a class that does not say all that its base demands.
- `slots`: all slots of an event.
"""

from erstwhile.domain.events.envelope import Actor, BareEvent, Details, Envelope, Event
from erstwhile.domain.events.registry import EVENT_TYPES, TYPE_NAMES, Body

__all__ = ["EVENT_TYPES", "TYPE_NAMES", "Actor", "BareEvent", "Body", "Details", "Envelope", "Event"]
