"""Event → facts, by area. A fold never refuses: history has already happened.

`pen` writes facts; `principals`, `policies`, `credentials`, `resources`, `organizations`, `account` say what
each event means; `EVOLVE` is the table of them all.
"""

from erstwhile.domain.evolve.pen import Pen, Resolver, undo
from erstwhile.domain.evolve.table import EVOLVE, reference

__all__ = ["EVOLVE", "Pen", "Resolver", "reference", "undo"]
