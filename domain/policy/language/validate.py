"""What IAM refuses as a policy document, with the place in the document. The rules are in `grammar/`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from erstwhile.domain.policy.language.grammar.actions import action_problems
from erstwhile.domain.policy.language.grammar.conditions import condition_problems
from erstwhile.domain.policy.language.grammar.principals import principal_problems
from erstwhile.domain.policy.language.grammar.problem import VALUES, Problem, problem
from erstwhile.domain.policy.language.grammar.resources import resource_problems
from erstwhile.domain.policy.language.grammar.sids import sid_problems
from erstwhile.domain.policy.language.grammar.uses import USES, Use

__all__ = ["USES", "Malformed", "Problem", "Use", "check", "first_problem", "problems"]

_DOCUMENT_MEMBERS = {"Version", "Id", "Statement"}
_STATEMENT_MEMBERS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_VERSIONS = ("2008-10-17", "2012-10-17")


class Malformed(ValueError):
    """the policy document breaks the grammar; in AWS's words, and in `detail` where and what in ours"""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.words)
        self.detail = str(found)


def check(text: str, use: Use, managed: bool = False) -> None:
    """Raises Malformed for what IAM would name first. `managed`: of a managed policy, which must be of the current
    version."""
    found = list(_all(text, use))
    if managed and not found and orjson.loads(text).get("Version") != _VERSIONS[-1]:
        found.append(problem(use, "old_version", "Version", f"must be {_VERSIONS[-1]} in a managed policy"))
    if found:
        raise Malformed(min(found, key=lambda each: each.stage))


@lru_cache(maxsize=16_384)
def first_problem(text: str, use: Use) -> str:
    """What is wrong with a document that a decision shall rest on; empty for a good one. Values that cannot be read
    are none of its matters: they match nothing."""
    return next((str(each) for each in _all(text, use) if each.kind not in VALUES), "")


def _all(text: str, use: Use) -> Iterator[Problem]:
    twice: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(name for name in found if names.count(name) > 1)
        return found

    try:
        orjson.loads(text)
        # orjson takes the last of equal members in silence.
        data = json.loads(text, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        yield problem(use, "json", "", f"the policy is not JSON: {error}")
        return
    for name in dict.fromkeys(twice):
        yield problem(use, "twice", name, "stands twice in one object")
    yield from problems(data, use)


def problems(data: Any, use: Use) -> Iterator[Problem]:
    """All that IAM would refuse in a document."""
    if not isinstance(data, dict):
        yield problem(use, "json", "", "the policy must be a JSON object")
        return
    for member in sorted(set(data) - _DOCUMENT_MEMBERS):
        yield problem(use, "member", member, "is not a member of a policy", member=member)
    if data.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield problem(use, "version", "Version", f"must be one of {', '.join(_VERSIONS)}")
    if not isinstance(data.get("Id", ""), str):
        yield problem(use, "type", "Id", "must be a string")
    statements = data.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        what = "must be an object or a list with at least one object"
        yield problem(use, "no_statement", "Statement", what)
        return
    for index, statement in enumerate(statements):
        place = f"Statement[{index}]"
        if isinstance(statement, dict):
            yield from _statement_problems(statement, place, use)
        else:
            yield problem(use, "type", place, "must be an object")
    yield from sid_problems(statements, use)


def _statement_problems(statement: dict[str, Any], place: str, use: Use) -> Iterator[Problem]:
    for member in sorted(set(statement) - _STATEMENT_MEMBERS):
        yield problem(use, "member", f"{place}.{member}", "is not a member of a statement", member=member)
    effect = statement.get("Effect")
    if effect not in ("Allow", "Deny"):
        kind = "no_effect" if effect is None else "effect"
        if isinstance(effect, str) and effect.lower() in ("allow", "deny"):
            kind = "effect_case"
        yield problem(use, kind, f"{place}.Effect", "must be Allow or Deny", effect=effect)
    yield from action_problems(statement, place, use)
    yield from resource_problems(statement, place, use)
    yield from principal_problems(statement, place, use)
    if "Condition" in statement:
        yield from condition_problems(statement["Condition"], f"{place}.Condition", use)
