"""Statements that grant more than is safe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.domain.policy.language.grammar.uses import GUARDRAILS, Use
from erstwhile.domain.policy.language.lint.finding import Finding, as_list, placed
from erstwhile.domain.policy.language.match import matches_action

_LIMITING_KEYS = (
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount",
    "aws:sourcearn", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip",
    "aws:userid", "kms:calleraccount",
)  # fmt: skip
"""Keys that say who an open Principal may be.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html,
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
"""


def check(statement: dict[str, Any], place: str, use: Use) -> Iterator[Finding]:
    if statement.get("Effect") != "Allow":
        return
    if "NotPrincipal" in statement:
        yield _warn(f"{place}.NotPrincipal", "ALLOW_WITH_NOT_PRINCIPAL", "allows everyone else, anonymous callers too")
    if use in GUARDRAILS:
        return  # a guardrail grants nothing
    if "NotAction" in statement:
        yield _warn(f"{place}.NotAction", "ALLOW_WITH_NOT_ACTION", "allows every other action, those to come too")
    if "NotResource" in statement:
        yield _warn(f"{place}.NotResource", "ALLOW_WITH_NOT_RESOURCE", "allows it on every other resource")
    keys = {key.lower() for entries in (statement.get("Condition") or {}).values() for key in entries}
    if _is_open(statement.get("Principal")) and not keys & set(_LIMITING_KEYS):
        yield _warn(f"{place}.Principal", "ALLOW_EVERYONE", "allows everybody, anonymous callers too")
    actions = placed(f"{place}.Action", statement.get("Action"))
    everywhere = use != "trust" and "*" in as_list(statement.get("Resource"))
    for where, action in actions:
        if action == "*" and everywhere:
            yield _warn(where, "ALLOW_ALL", "allows every action on every resource")
        elif everywhere and not keys and action.endswith(":*"):
            yield _warn(where, "ALLOW_SERVICE", f"allows all of {action.partition(':')[0]} on every resource")
        if (
            everywhere
            and action != "*"
            and matches_action(action, "iam:PassRole")
            and "iam:passedtoservice" not in keys
        ):
            yield _warn(where, "PASS_ROLE_WITH_STAR_IN_RESOURCE", "lets every role be passed to every service")
        if everywhere and action != "*" and matches_action(action, "sts:AssumeRole") and not keys:
            yield _warn(where, "ASSUME_ROLE_WITH_STAR_IN_RESOURCE", "lets every role be assumed whose trust allows it")


def _is_open(principal: Any) -> bool:
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS")))


def _warn(place: str, code: str, message: str) -> Finding:
    return Finding(severity="security_warning", code=code, place=place, message=message)
