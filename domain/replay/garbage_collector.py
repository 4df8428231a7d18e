"""Work on millions of objects: the cyclic garbage collector is held off while it lasts.

Events and facts are trees and form no cycles; the collector would walk them again and again for nothing. Measured:
decoding events took 17 µs each with it and 6 µs without.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Holds the collector off; reference counting goes on, so memory stays bounded."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
