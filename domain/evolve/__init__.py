"""An event → facts, by area. Replay never refuses: history has already happened.

- `recorder`: the one way in which facts get into a Directory; it notes each change.
- `account`, `principals`, `policies`, `credentials`, `resources`, `organizations`: what each event means.
- `table`: which function applies which event.
"""

from erstwhile.domain.evolve.recorder import Recorder, Resolver, undo
from erstwhile.domain.evolve.table import EVOLVE, reference

__all__ = ["EVOLVE", "Recorder", "Resolver", "reference", "undo"]
