"""Texts that the ARN of a resource must have for a statement to be about it: of most records, they tell without reading
them that a guardrail about some resources cannot bear on the call.

Serves the row "guardrail: no reading of one bucket's objects" of `make bench-incident`.
"""

from __future__ import annotations

import re

from erstwhile.domain.policy.language.statement import CompiledStatement

_BREAKS = re.compile(r"[*?:/]")
"""Between these, a text of an ARN stands in a record as it is: the ARN may be made of a bucket and a key."""


def words_of(statement: CompiledStatement) -> frozenset[bytes] | None:
    """One text for each pattern of a statement, from the part of the ARN that names the resource; None where a pattern
    has none there, or the statement is about all resources but some."""
    patterns = statement.statement.resources
    if patterns is None or statement.varies:
        return None
    found = set()
    for pattern in statement.resources or ():
        parts = pattern.split(":", 5)
        word = max(_BREAKS.split(parts[5]), key=len) if len(parts) == 6 and "$" not in pattern else ""
        if not word:
            return None
        found.add(word.encode())
    return frozenset(found)
