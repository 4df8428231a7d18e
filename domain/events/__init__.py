"""The catalogue of domain events, by area: `account`, `principals`, `policies`, `credentials`, `resources`,
`organizations`; `envelope` says what surrounds each, `catalogue` gives each its stable name.
"""

from erstwhile.domain.events.catalogue import EVENT_TYPES, TYPE_NAMES, Body
from erstwhile.domain.events.envelope import Actor, Details, Envelope, Event, Told

__all__ = ["EVENT_TYPES", "TYPE_NAMES", "Actor", "Body", "Details", "Envelope", "Event", "Told"]
