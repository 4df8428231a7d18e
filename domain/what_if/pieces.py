"""What a plan says before and after, as pieces of the access state; and those that come and go, as changes in an order
in which they can be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from erstwhile.domain.policy.inputs.guardrails import GuardrailType
from erstwhile.domain.what_if import changes as c

Piece = tuple[str, ...]
"""A part of the access state: what it is, the ARN or id that it is about, further names, and last what it says."""
Pieces = dict[Piece, str]
"""Each with the address of the resource that it is of."""
NEW = "new:"
"""Begins the name of a guardrail that has no id yet."""
_WHOLE = ("entity", "policy")
"""Pieces that take all pieces about them along when they go."""
_REPLACED, _CREATED, _CHANGED, _TAKEN, _DELETED = range(5)
"""What refers to something comes after it is made, and goes before it is deleted."""


class UnknownValue(Exception):
    """A value is known after the application alone, or not at all."""


class NotUnderstood(msgspec.Struct, frozen=True):
    """A resource of a plan that may bear on access and could not be read, and why."""

    address: str
    why: str


class PlannedChanges(msgspec.Struct, frozen=True):
    """`addresses`: of the resource behind each change."""

    changes: tuple[c.AnyChange, ...]
    addresses: tuple[str, ...]
    not_understood: tuple[NotUnderstood, ...]


class NoPlan(ValueError):
    """A document is not the plan that was expected."""


class Step(NamedTuple):
    """`order`: lower ones come first."""

    order: int
    change: c.AnyChange
    address: str


def planned(
    before: Pieces, after: Pieces, replaced: set[str], not_understood: Iterable[NotUnderstood]
) -> PlannedChanges:
    """The changes from some pieces to others, with what could not be read."""
    found = steps(before, after, replaced)
    return PlannedChanges(
        changes=tuple(each.change for each in found), addresses=tuple(each.address for each in found),
        not_understood=tuple(not_understood),
    )  # fmt: skip


def steps(before: Pieces, after: Pieces, replaced: set[str]) -> list[Step]:
    """The changes from some pieces to others. `replaced`: the ARNs of entities that are deleted and made anew."""
    new = {piece: address for piece, address in after.items() if piece not in before or piece[1] in replaced}
    gone = {piece: address for piece, address in before.items() if piece not in after and piece[1] not in replaced}
    again = [
        Step(_REPLACED, c.Delete(what=piece[1]), address)
        for piece, address in before.items()
        if piece[0] == "entity" and piece[1] in replaced
    ]
    return sorted((*again, *_made(new), *_taken(gone, new)), key=lambda each: each.order)


def _made(new: Pieces) -> Iterator[Step]:
    for piece, address in new.items():
        change = _made_change(piece, new)
        if change is not None:
            yield Step(_CREATED if isinstance(change, c.Create | c.SetPolicy) else _CHANGED, change, address)


def _made_change(piece: Piece, new: Pieces) -> c.AnyChange | None:
    match piece:
        case ("entity", arn):
            return c.Create(arn=arn, trust=next((each[2] for each in new if each[:2] == ("trust", arn)), ""))
        case ("policy", arn, document):
            return c.SetPolicy(policy=arn, document=document)
        case ("trust", arn, document) if ("entity", arn) not in new:
            return c.SetTrust(role=arn, document=document)
        case ("boundary", arn, policy):
            return c.SetBoundary(principal=arn, policy=policy)
        case ("tag", arn, key, value):
            return c.Tag(what=arn, tags={key: value})
        case ("inline", arn, name, document):
            return c.PutInlinePolicy(principal=arn, name=name, document=document)
        case ("attached", arn, policy):
            return c.AttachPolicy(principal=arn, policy=policy)
        case ("member", user, group):
            return c.AddToGroup(user=user, group=group)
        case ("resource-policy", arn, account, document):
            return c.SetResourcePolicy(resource=arn, document=document, account=account)
        case ("guardrail", policy, _, document) if not policy.startswith(NEW):
            return c.SetGuardrail(policy=policy, document=document)
        case ("target", policy, target) if not policy.startswith(NEW):
            return c.AttachGuardrail(policy=policy, target=target)
        case ("target", policy, target):
            for each in new:
                if each[:2] == ("guardrail", policy):
                    kind: GuardrailType = (
                        "RESOURCE_CONTROL_POLICY" if each[2].startswith("R") else "SERVICE_CONTROL_POLICY"
                    )
                    return c.AttachGuardrail(target=target, document=each[3], kind=kind)
    return None


def _taken(gone: Pieces, new: Pieces) -> Iterator[Step]:
    """What is there no more. What merely says something else is made anew by `_made`."""
    heads = {each[:-1] for each in new}
    ended = {each[1] for each in gone if each[0] in _WHOLE and not any(each[:2] == other[:2] for other in new)}
    for piece, address in gone.items():
        if piece[0] in _WHOLE:
            if piece[1] in ended:
                yield Step(_DELETED, c.Delete(what=piece[1]), address)
        elif not ended.intersection(piece[1:3]) and (change := _taken_change(piece, heads)) is not None:
            yield Step(_TAKEN, change, address)


def _taken_change(piece: Piece, heads: set[Piece]) -> c.AnyChange | None:
    match piece:
        case ("attached", arn, policy):
            return c.DetachPolicy(principal=arn, policy=policy)
        case ("member", user, group):
            return c.RemoveFromGroup(user=user, group=group)
        case ("target", policy, target):
            return c.DetachGuardrail(policy=policy, target=target)
        case _ if piece[:-1] in heads:
            return None
        case ("boundary", arn, _):
            return c.RemoveBoundary(principal=arn)
        case ("tag", arn, key, _):
            return c.Untag(what=arn, keys=[key])
        case ("inline", arn, name, _):
            return c.DeleteInlinePolicy(principal=arn, name=name)
        case ("resource-policy", arn, _, _):
            return c.DeleteResourcePolicy(resource=arn)
    return None
