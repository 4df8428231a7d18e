"""How many examples a law is tried with that takes long."""

from __future__ import annotations

import os

ALL = os.environ.get("ERSTWHILE_EXAMPLES") == "all"
"""Set by `make laws`."""


def examples(in_all: int, each_run: int) -> int:
    """A run of all tests tries some, the same each time; `make laws` tries others each time, as many as find what is
    rare."""
    return in_all if ALL else each_run
