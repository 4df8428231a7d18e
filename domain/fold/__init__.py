"""The fold: events → Directory, in valid order whatever the order of arrival.

`valid_order` puts the events of one instant in the order that their preconditions allow; `slots` keeps what
the fold knows of each slot; `refold` folds one slot anew; `apart` names events that cannot be applied; `engine`
decides which of them an event needs.
"""

from erstwhile.domain.fold.engine import Engine, Loader
from erstwhile.domain.fold.refold import Replacement

__all__ = ["Engine", "Loader", "Replacement"]
