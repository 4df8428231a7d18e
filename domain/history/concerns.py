"""What concerns a principal, a group, a policy, a resource or an account, and during which windows: its own facts, its
groups, what is attached to it or to them, its boundary, and the guardrails above its account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.course import OrganizationCourse
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import ALWAYS, Window, within
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of

_PRINCIPALS = ("user", "role")


class Concern(NamedTuple):
    """Intervals of one entity, and when they mattered."""

    intervals: Sequence[Interval]
    windows: Sequence[Window]


def concerns(history: FactHistory, key: EntityKey) -> list[Concern]:
    """What concerns an entity. One entity may come several times, with other intervals or windows."""
    account, kind, _ = key
    own = history.intervals_of(key)
    found = [Concern(own, (ALWAYS,))]
    if kind in (*_PRINCIPALS, "group"):
        found += _policies(history, own, (ALWAYS,))
    if kind == "user":
        found += _groups(history, account, own)
    if kind == "group":
        found += _with_item(history, account, attributes.MEMBER_OF, key[2])
    if kind == "policy":
        for arn in _arns(history, key):
            for each in dict.fromkeys(account for account, _ in history.kinds()):
                found += _with_item(history, each, attributes.ATTACHED, arn)
                found += _with_item(history, each, attributes.BOUNDARY, arn)
    if kind in (*_PRINCIPALS, "resource", "account"):
        found += _account(history, account, kind != "account")
    return found


def _of(intervals: Iterable[Interval], attribute: str) -> Iterator[Interval]:
    return (each for each in intervals if each.attribute == attribute)


def _policies(history: FactHistory, own: Sequence[Interval], windows: Sequence[Window]) -> Iterator[Concern]:
    """The managed policies that were attached to an entity or bounded it."""
    for each in (*_of(own, attributes.ATTACHED), *_of(own, attributes.BOUNDARY)):
        arn = each.item if each.attribute == attributes.ATTACHED else str(each.value["policy"])
        meanwhile = within(windows, each.valid_from, each.valid_to)
        if meanwhile:
            for key in policies_named(history, arn, each.account):
                yield Concern(history.intervals_of(key), meanwhile)


def _groups(history: FactHistory, account: str, own: Sequence[Interval]) -> Iterator[Concern]:
    for each in _of(own, attributes.MEMBER_OF):
        meanwhile = ((each.valid_from, each.valid_to),)
        group = history.intervals_of((account, "group", each.item))
        yield Concern(group, meanwhile)
        yield from _policies(history, group, meanwhile)


def _account(history: FactHistory, account: str, with_mode: bool) -> Iterator[Concern]:
    """The account's beginning, and the guardrails above it."""
    if with_mode:
        yield Concern(list(_of(history.intervals_of((account, "account", account)), attributes.MODE)), (ALWAYS,))
    for key in history.of_kind("organization"):
        organization = OrganizationCourse(history.intervals_of(key))
        if any(
            each.item == account if each.attribute == attributes.NODE else each.value.get("management") == account
            for each in organization.intervals
            if each.attribute in (attributes.NODE, attributes.ORGANIZATION)
        ):
            yield Concern(organization.relevant(frozenset((account,))), (ALWAYS,))


def _with_item(history: FactHistory, account: str, attribute: str, item: str) -> Iterator[Concern]:
    """The facts of other entities that point at this one."""
    for key in history.holders(account, attribute, item):
        rows = _of(history.intervals_of(key), attribute)
        found = [each for each in rows if item in (each.item, each.value.get("policy"))]
        if found:
            yield Concern(found, (ALWAYS,))


def _arns(history: FactHistory, key: EntityKey) -> list[str]:
    described = _of(history.intervals_of(key), attributes.ENTITY)
    return list(dict.fromkeys(str(each.value.get("arn") or "") for each in described if each.value.get("arn")))


def policies_named(history: FactHistory, arn: str, account: str) -> list[EntityKey]:
    """The managed policies that an ARN may mean, at whatever instant, and what an account's own listing showed of
    one of AWS's: the keys that `sources.managed` may read."""
    found = [key for key in history.with_arn(arn) if key[1] == "policy"]
    if policy_account(arn) == AWS_MANAGED:
        found += history.with_name(AWS_MANAGED, "policy", policy_name_of(arn).lower())
        found += history.with_name(account, SHOWN, arn.lower())
    return list(dict.fromkeys(found))
