"""Checks of policies for pipelines: their documents in, whether the check holds and why not out. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from erstwhile.api.problems import bad_request
from erstwhile.domain.least_privilege.grants import UnreadablePolicy
from erstwhile.domain.least_privilege.new_access import EFFORT, NewAccess, new_access
from erstwhile.domain.least_privilege.not_granted import MalformedCheck, granted
from erstwhile.domain.least_privilege.public_access import public_access
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch

NO_NEW_ACCESS, NO_PUBLIC_ACCESS, NOT_GRANTED = "no-new-access", "no-public-access", "not-granted"


def no_new_access(old: Sequence[str], new: Sequence[str], steps: int = EFFORT) -> dict[str, Any]:
    """Whether documents `new` allow nothing that documents `old` do not. Raises Problem."""
    try:
        found = new_access(old, new, steps=steps)
    except (UnreadablePolicy, TooMuch) as error:
        raise _problem(error) from None
    return _answer(NO_NEW_ACCESS, [_request_json(each) for each in found])


def not_granted(
    policies: Sequence[str], actions: Sequence[str], resources: Sequence[str] = ("*",), steps: int = EFFORT
) -> dict[str, Any]:
    """Whether documents allow none of these actions on none of these resources. Raises Problem."""
    try:
        found = granted(policies, actions, resources, steps=steps)
    except (UnreadablePolicy, TooMuch, MalformedCheck) as error:
        raise _problem(error) from None
    return _answer(NOT_GRANTED, [_request_json(each) for each in found])


def no_public_access(policy: str) -> dict[str, Any]:
    """Whether a resource's policy lets nobody in without saying who it is. Raises Problem."""
    try:
        found = public_access(policy)
    except UnreadablePolicy as error:
        raise _problem(error) from None
    return _answer(NO_PUBLIC_ACCESS, [
        {"statement": each.statement, "sid": each.sid, "actions": list(each.actions),
         "resources": list(each.resources), "why": each.why, "conditions": list(each.conditions)}
        for each in found
    ])  # fmt: skip


def _answer(check: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"check": check, "holds": not found, "found": found}


def _request_json(each: NewAccess) -> dict[str, Any]:
    return {
        "statement": each.statement, "sid": each.sid, "action": each.action, "resource": each.resource,
        "context": {key: list(values) for key, values in each.context.items()},
    }  # fmt: skip


def _problem(error: Exception) -> Exception:
    if isinstance(error, TooMuch):
        return bad_request("too_much", str(error))
    return bad_request("malformed_check" if isinstance(error, MalformedCheck) else "malformed_policy", str(error))


def context_words(context: Mapping[str, Sequence[str]]) -> str:
    """A context in one line."""
    return ", ".join(f"{key}={'|'.join(values) or '(none)'}" for key, values in sorted(context.items()))
