"""An event → facts, by area. Replay never refuses: history has already happened.

- `recorder`: the one way in which facts get into a Directory; it notes each change.
- `handlers`: which function applies which event.
- `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`, `watches`: what each event means.
"""

from erstwhile.domain.evolve import account, credentials, organizations, policies, principals, resources, watches
from erstwhile.domain.evolve.recorder import Notes, Recorder, Resolver, undo

__all__ = [
    "Notes",
    "Recorder",
    "Resolver",
    "account",
    "credentials",
    "organizations",
    "policies",
    "principals",
    "resources",
    "undo",
    "watches",
]
