"""Sid: the names of statements.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.grammar.problem import Problem, problem
from erstwhile.domain.policy.language.grammar.uses import Use

_SID = re.compile(r"^[A-Za-z0-9]*$")
_ANY_TEXT: frozenset[Use] = frozenset(("resource", "endpoint"))
"""Policies of other services than IAM: their own defaults have spaces and underscores there."""


def sid_problems(statements: list[Any], use: Use) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, statement in enumerate(statements):
        sid = statement.get("Sid", "") if isinstance(statement, dict) else ""
        where = f"Statement[{index}].Sid"
        if not isinstance(sid, str):
            yield problem(use, "type", where, "must be a string")
            continue
        if use not in _ANY_TEXT and not _SID.match(sid):
            yield problem(use, "sid", where, "may hold letters and digits only")
        if sid in seen:
            yield problem(use, "sid_twice", where, f"{sid} is not unique")
        if sid:
            seen.add(sid)
