"""Events → Directory, in valid order whatever the order of arrival.

- `valid_order`: the order of events, also within one instant.
- `absence`: what a complete listing ends; `listings`: which there are of each account.
- `told_creations`: what listings tell of creations that no record tells of.
- `slot_states`: what the replayer knows of each slot.
- `merely_named`: late events that change nothing in what they name.
- `unsettled`: the components that wait to be folded anew.
- `refold`: replays the slots that a late event concerns, from all their events.
- `replayer`: takes events in the order of the log and keeps the Directory of now.
- `set_apart`: why an event could not be applied.
- `within`: what of an event concerns one component of slots.
- `garbage_collector`: holds the cyclic collector off during bulk work.
"""

from erstwhile.domain.replay.refold import Replacement
from erstwhile.domain.replay.replayer import Loader, Replayer

__all__ = ["Loader", "Replacement", "Replayer"]
