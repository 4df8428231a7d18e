"""An event → facts, by area. Replay never refuses: history has already happened.

- `recorder`: the one way in which facts get into a Directory; it notes each change.
- `handlers`: which function applies which event.
- `creations`: what listings tell of creations.
- `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`, `watches`, `reviews`,
  `exceptions`: what each event means.
"""

from erstwhile.domain.evolve import (
    account,
    credentials,
    exceptions,
    organizations,
    policies,
    principals,
    resources,
    reviews,
    watches,
)
from erstwhile.domain.evolve.recorder import Notes, Recorder, Resolver, undo

__all__ = [
    "Notes",
    "Recorder",
    "Resolver",
    "account",
    "credentials",
    "exceptions",
    "organizations",
    "policies",
    "principals",
    "resources",
    "reviews",
    "undo",
    "watches",
]
