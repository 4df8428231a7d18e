"""When Python's collector of cycles looks at what a command or an answer made."""

from __future__ import annotations

import gc

COLLECTED = (5_000, 20, 100)
"""How much is made before the collector looks: most of what a command makes stays, and an answer has no cycles.
Python's own are 700, 10 and 10."""


def collect_seldom() -> None:
    """From now on, in this process."""
    gc.set_threshold(*COLLECTED)
