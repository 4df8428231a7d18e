"""Action and NotAction.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.grammar.elements import either, texts
from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.uses import Use

_VENDOR = re.compile(r"^[A-Za-z0-9._-]+$")
_NAME = re.compile(r"^[A-Za-z0-9*?._-]+$")


def action_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    yield from either(statement, place, use, "Action", "NotAction", "no_action")
    for member in ("Action", "NotAction"):
        where = f"{place}.{member}"
        for action in texts(statement.get(member)):
            if action is None:
                yield problem(use, "type", where, "must be * or service:operation")
                continue
            found = _wrong(action)
            if found:
                what = f"must be * or service:operation, not {action!r}"
                yield problem(use, found, where, what, vendor=action.partition(":")[0])
            elif use == "trust" and action != "*" and not action.lower().startswith("sts:"):
                yield problem(use, "trust_action", where, f"must be of sts in a trust policy, not {action!r}")


def _wrong(action: str) -> str:
    """The kind of problem of an action; empty for a good one."""
    if action in ("*", "*:*"):
        return ""
    vendor, colon, name = action.partition(":")
    if not colon:
        return "prefix"
    if ":" in name:
        return "colons"
    if not _VENDOR.match(vendor):
        return "vendor"
    return "" if _NAME.match(name) else "name"
