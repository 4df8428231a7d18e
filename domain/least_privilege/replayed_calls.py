"""Recorded calls decided against a proposal: which of those that the present policies allow would fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.changes.attachments import (
    DeleteInlinePolicy,
    DetachPolicy,
    PutInlinePolicy,
    RemoveFromGroup,
)

PROPOSED = "proposed-by-erstwhile"
"""The name of the inline policy that stands for a proposal."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A call that would fail, or of which that cannot be said (`may_fail`), on a resource."""

    call: RecordedCall
    resource: str
    may_fail: bool


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """`calls`: that were decided about; `passed_over`: that the present policies do not allow, as far as is known, so
    that they prove nothing."""

    calls: int
    passed_over: int
    broken: tuple[Broken, ...]


def in_place_of_all(directory: Directory, entity: Entity, document: str) -> list[AnyChange]:
    """The changes that leave a user or role a proposal, and none of the policies that it has itself or by groups."""
    who = directory.arn_of(entity)
    found: list[AnyChange] = [PutInlinePolicy(principal=who, name=PROPOSED, document=document)]
    found += [DetachPolicy(principal=who, policy=arn) for arn in entity.attached_policies]
    found += [DeleteInlinePolicy(principal=who, name=name) for name in entity.inline_policies]
    groups = (directory.get(entity.account, "group", each) for each in entity.group_ids)
    found += [RemoveFromGroup(user=who, group=directory.arn_of(each)) for each in groups if each is not None]
    return found


def in_place_of_policy(directory: Directory, holders: Iterable[Entity], policy: str, document: str) -> list[AnyChange]:
    """The changes that give those that have a managed policy a proposal in its place."""
    return [
        change
        for holder in holders
        for who in [directory.arn_of(holder)]
        for change in (
            PutInlinePolicy(principal=who, name=PROPOSED, document=document),
            DetachPolicy(principal=who, policy=policy),
        )
    ]  # fmt: skip


def replayed(present: Directory, proposed: Directory, calls: Iterable[RecordedCall]) -> Replayed:
    """Decides calls with the policies of an instant, and with a proposal in their place; all else is as it is there.
    What is not known of a request counts as a condition."""
    decided: dict[tuple[object, ...], tuple[bool, list[tuple[str, bool]]]] = {}
    count = passed = 0
    broken: list[Broken] = []
    for call in calls:
        count += 1
        key = (call.principal, call.action, call.resources, call.account, *sorted(call.context.items()))
        known = decided.get(key)
        if known is None:
            known = decided[key] = _decided(present, proposed, call)
        allowed, failing = known
        passed += not allowed
        broken += [Broken(call=call, resource=resource, may_fail=may) for resource, may in failing]
    return Replayed(calls=count, passed_over=passed, broken=tuple(broken))


def _decided(present: Directory, proposed: Directory, call: RecordedCall) -> tuple[bool, list[tuple[str, bool]]]:
    """Whether the present policies allow it, or may; and the resources on which the proposal does not."""
    found: list[tuple[str, bool]] = []
    allowed = True
    for resource in call.resources:
        effects = list(_effects((present, proposed), call, resource))
        if len(effects) < 2 or effects[0].endswith("deny"):
            allowed = False
        elif effects[1].endswith("deny"):
            found.append((resource, False))
        elif effects == ["allow", "conditional"]:
            found.append((resource, True))
    return allowed, found


def _effects(directories: Sequence[Directory], call: RecordedCall, resource: str) -> Iterator[str]:
    for directory in directories:
        try:
            yield authorize(directory, Request(
                principal=call.principal, action=call.action, resource=resource, resource_account=call.account,
                context=call.context, mode="discover",
            )).effect  # fmt: skip
        except MalformedArn:
            return
