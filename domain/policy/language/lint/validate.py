"""validate(document): the grammar first; where that holds, what a linter says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.lint import actions, breadth, conditions, redundancy, resources
from erstwhile.domain.policy.language.lint.finding import Finding, as_list
from erstwhile.domain.policy.language.validate import Use, problems

_ORDER = {"error": 0, "security_warning": 1, "warning": 2, "suggestion": 3}


def validate(text: str, use: Use = "identity") -> list[Finding]:
    """All that is wrong, unsafe, useless or doubled in a document of some use; the gravest first."""
    doubled: list[str] = []

    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in given]
        doubled.extend(dict.fromkeys(name for name in names if names.count(name) > 1))
        return dict(given)

    try:
        data = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        return [Finding(severity="error", code="JSON_SYNTAX_ERROR", place="", message=f"not JSON: {error}")]
    found = [
        Finding(severity="error", code="DUPLICATE_KEY", place=name, message=f"{name} stands twice in one object")
        for name in dict.fromkeys(doubled)
    ]
    found += [
        Finding(severity="error", code="GRAMMAR", place=each.place, message=each.what) for each in problems(data, use)
    ]
    if not found:
        found = list(_linted(data, use))
    return sorted(found, key=lambda each: _ORDER[each.severity])


def _linted(data: dict[str, Any], use: Use) -> Iterator[Finding]:
    version = data.get("Version")
    if version is None:
        yield Finding(
            severity="warning", code="MISSING_VERSION", place="Version",
            message="without a Version the document is of 2008-10-17, in which variables are plain text",
        )  # fmt: skip
    elif version != "2012-10-17":
        yield Finding(
            severity="suggestion", code="OLD_VERSION", place="Version", message="2012-10-17 is the current version"
        )
    statements = as_list(data["Statement"])
    for index, statement in enumerate(statements):
        place = f"Statement[{index}]"
        yield from actions.check(statement, place)
        yield from resources.check(statement, place)
        yield from conditions.check(statement, place, version == "2012-10-17")
        yield from breadth.check(statement, place, use)
    yield from redundancy.check(statements)
