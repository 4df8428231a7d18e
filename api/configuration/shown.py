"""The settings of this process: each with its value, secrets masked, and where that comes from."""

from __future__ import annotations

import os
from typing import Any

from erstwhile.api.configuration.file import source
from erstwhile.api.configuration.table import BY_NAME, CONFIG, PREFIX, SETTINGS

MASKED = "***"
_OF_THE_PROGRAM = frozenset((CONFIG,))


def shown() -> list[dict[str, Any]]:
    """One object a setting, in the order of the table."""
    found = []
    for each in SETTINGS:
        value = os.environ.get(each.name, "")
        text = (MASKED if each.is_secret else value) if value else each.default
        found.append({"key": each.key, "variable": each.name, "value": text, "from": source(each.name)})
    return found


def unknown() -> list[str]:
    """Variables of the environment that look like settings and are none."""
    return sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in BY_NAME and name not in _OF_THE_PROGRAM
    )
