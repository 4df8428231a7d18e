"""Whom a resource's policy lets in without saying who it is.

A statement is public where it allows everybody, and no condition limits that to callers that somebody controls. What
counts as such a condition is AWS's list for "public": fixed values of keys that say who calls, or from where.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(The meaning of "public")
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import msgspec

from erstwhile.domain.least_privilege.grants import UnreadablePolicy
from erstwhile.domain.policy.language.conditions import UnknownOperator, split_operator
from erstwhile.domain.policy.language.document import ConditionEntry, MalformedDocument
from erstwhile.domain.policy.language.patterns.pattern_parts import surely_covers
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document

_SAYS_WHO = frozenset((
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:userid",
    "aws:username", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths",
    "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "kms:calleraccount", "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn", "lambda:functionurlauthtype", "aws:principalservicename",
))  # fmt: skip
_FIXING = frozenset(("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"))
_WIDEST_V4, _WIDEST_V6 = 8, 32
"""Bits of a network that is still everybody's, by AWS's page."""


class PublicStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement by which anybody may do `actions` on `resources`; `why`: how it names everybody. Of conditions that
    limit nobody, the keys."""

    statement: int
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str
    conditions: tuple[str, ...] = ()


def public_access(document: str) -> list[PublicStatement]:
    """The statements of a resource's policy that let everybody in. Raises UnreadablePolicy."""
    try:
        statements = compile_document(document).statements
    except (MalformedDocument, UnknownOperator) as error:
        raise UnreadablePolicy(str(error)) from None
    if not any(each.statement.principals or each.statement.not_principals for each in statements):
        raise UnreadablePolicy("the policy names no principal, so it is none of a resource")
    denies = [each for each in statements if not each.allows and each.is_fixed and _everybody(each)]
    return [found for each in statements if each.allows for found in _public(each, denies)]


def _public(each: CompiledStatement, denies: list[CompiledStatement]) -> Iterator[PublicStatement]:
    why = _everybody(each)
    given = each.statement
    if not why or any(_says_who(entry) for entry in given.conditions):
        return
    if any(_denies_all_of(deny, each) for deny in denies):
        return
    yield PublicStatement(
        statement=given.index, sid=given.sid, why=why,
        actions=given.actions or tuple(f"all but {action}" for action in given.not_actions or ()),
        resources=given.resources or tuple(f"all but {one}" for one in given.not_resources or ()),
        conditions=tuple(entry.key for entry in given.conditions),
    )  # fmt: skip


def _everybody(each: CompiledStatement) -> str:
    if each.statement.not_principals is not None:
        return "NotPrincipal names all but a few" if each.allows else ""
    for kind, name in each.statement.principals or ():
        if name == "*" and kind in ("AWS", "*"):
            return "Principal is *"
    return ""


def _says_who(entry: ConditionEntry) -> bool:
    """Whether a condition limits a statement to callers that somebody controls."""
    quantifier, operator, if_exists = split_operator(entry.operator)
    if if_exists or quantifier == "forallvalues":
        return False  # both hold where the key is absent
    key = entry.key.lower()
    if operator == "ipaddress" and key in ("aws:sourceip", "aws:vpcsourceip"):
        return all(_is_narrow(value) for value in entry.values)
    if operator not in _FIXING or key not in _SAYS_WHO or not entry.values:
        return False
    return all(_is_fixed(key, value) for value in entry.values)


def _is_fixed(key: str, value: str) -> bool:
    if key.endswith("arn") and value.count(":") >= 5:
        # An ARN is fixed by its account; a bucket's by its name.
        account, resource = value.split(":", 5)[4:6]
        return account.isdigit() or (not account and "*" not in resource.split("/")[0])
    if key.endswith("orgpaths"):
        value = value.split("/", 1)[0]  # a unit is one of an organisation: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*
    return "*" not in value and "?" not in value and "${" not in value


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (_WIDEST_V4 if network.version == 4 else _WIDEST_V6)


def _denies_all_of(deny: CompiledStatement, each: CompiledStatement) -> bool:
    """Whether everybody is denied all that a statement allows, as far as patterns show it."""
    ours, theirs = each.statement, deny.statement
    if ours.actions is None or theirs.actions is None or ours.resources is None or theirs.resources is None:
        return False
    return all(any(_covers(wide.lower(), one.lower()) for wide in theirs.actions) for one in ours.actions) and all(
        any(_covers(wide, one) for wide in theirs.resources) for one in ours.resources
    )


def _covers(wide: str, one: str) -> bool:
    return wide == one or wide == "*" or surely_covers(wide, one)
