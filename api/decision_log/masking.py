"""Takes values out of a question before it is recorded. The decision was made with them; the log does not have them.

What cannot be masked is not recorded: who calls counts it as dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from typing import Any

import orjson

MASKED = "***"


class Mask:
    """`names`: of members of context and properties, without regard to case, with * for any characters."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        plain = (each.replace("[", "[[]").replace("?", "[?]").lower() for each in names)
        self._names = re.compile("|".join(map(translate, plain))) if names else None

    def applied(self, question: bytes) -> tuple[bytes, bool]:
        """The question without these values, and whether there were any. Raises ValueError, TypeError, AttributeError
        or RecursionError for one that cannot be read."""
        if self._names is None:
            return question, False
        read: dict[str, Any] = orjson.loads(question)
        found = False
        entities = (read.get(name) or {} for name in ("subject", "action", "resource"))
        for members in (read.get("context") or {}, *(each.get("properties") or {} for each in entities)):
            for name in members:
                if self._names.fullmatch(name.lower()):
                    members[name] = MASKED
                    found = True
        return (orjson.dumps(read), True) if found else (question, False)
