"""Which account owns a resource without an account in its ARN (a bucket), or an access key: the account that governs
it, else the account that had it first.

A record of another account that says something of them is a finding, never a change. A key is known to be an account's
by its creation, or by the calls that a principal of the account made with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.events import TYPE_NAMES, Body
from erstwhile.domain.events.account import ClaimSetAside
from erstwhile.domain.events.credentials import AccessKeyCreated, AccessKeyDeleted, AccessKeyStatusChanged
from erstwhile.domain.events.resources import ResourceDeregistered
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord
from erstwhile.domain.observed.cloudtrail.translate import Outcome, Translation
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.projections.keys import own_uses
from erstwhile.projections.sql import Connection

_ENDS = (TYPE_NAMES[ResourceDeregistered], TYPE_NAMES[AccessKeyDeleted])
_KEY = "key:"
_KEYS = AccessKeyCreated | AccessKeyDeleted | AccessKeyStatusChanged


class _Holder(msgspec.Struct):
    """An account that has something: its last event of it, and whether that ended it."""

    account: str
    last: datetime
    ended: bool


def shared_things(bodies: tuple[Body, ...]) -> Iterator[str]:
    """The tags of what no ARN gives to an account."""
    for body in bodies:
        resource = getattr(body, "resource", "")
        if resource and not account_in(resource):
            yield f"resource:{resource}"
        if isinstance(body, _KEYS):
            yield _KEY + body.access_key_id


def set_aside(connection: Connection, changes: list[FiledRecord], calls: list[FiledRecord]) -> None:
    """Makes findings of those changes (in valid order) that are about what another account has. `calls` are all that
    came with them."""
    tags = sorted({tag for each in changes for tag in shared_things(each.translation.bodies)})
    if not tags:
        return
    holders, governed = _holders(connection, tags), _governed(connection)
    uses = _uses(calls, tags)
    for each in changes:
        for tag in shared_things(each.translation.bodies):
            for use in uses.get(tag, ()):
                if use.occurred_at <= each.occurred_at:
                    _note(holders[tag], use.account, use.occurred_at, False)
            owner = _owner(holders[tag], governed, each)
            if owner != each.account:
                name = f"{each.service}:{each.name}"
                body = ClaimSetAside(operation=name, owner=owner, target=tag.partition(":")[2])
                reason = f"{name} of {each.account} about what {owner} has"
                each.translation = Translation(Outcome.CLAIM, (body,), reason)
                break
            _note(holders[tag], each.account, each.occurred_at, _is_end(each.translation.bodies))


def _owner(holders: list[_Holder], governed: set[str], each: FiledRecord) -> str:
    """Who has it when the record says something of it."""
    having = [holder for holder in holders if not (holder.ended and holder.last <= each.occurred_at)]
    for holder in having:
        if holder.account in governed:
            return holder.account
    return having[0].account if having else each.account


def _is_end(bodies: tuple[Body, ...]) -> bool:
    return any(isinstance(body, ResourceDeregistered | AccessKeyDeleted) for body in bodies)


def _note(holders: list[_Holder], account: str, at: datetime, ends: bool) -> None:
    for holder in holders:
        if holder.account == account:
            if at >= holder.last:
                holder.last, holder.ended = at, ends
            return
    holders.append(_Holder(account, at, ends))


def _uses(calls: list[FiledRecord], tags: list[str]) -> dict[str, list[FiledRecord]]:
    """By the tags of keys, the calls that accounts' own principals made with them, the earliest first."""
    found: dict[str, list[FiledRecord]] = {tag: [] for tag in tags if tag.startswith(_KEY)}
    if found:
        for each in sorted(calls, key=lambda each: each.occurred_at):
            tag = _KEY + each.access_key
            if tag in found and account_in(each.principal) == each.account:
                found[tag].append(each)
    return found


def _holders(connection: Connection, tags: list[str]) -> dict[str, list[_Holder]]:
    """Of each, the accounts that have or had it, in the order in which the log came to know."""
    found: dict[str, list[_Holder]] = {tag: [] for tag in tags}
    rows = connection.execute(
        "SELECT position, e.occurred_at, t.tag, e.account, e.type = ANY (%s) FROM event_tag t "
        "JOIN event e USING (position) WHERE t.tag = ANY (%s)",
        (list(_ENDS), tags),
    ).fetchall()
    keys = [tag.removeprefix(_KEY) for tag in tags if tag.startswith(_KEY)]
    rows += [
        (use.position, use.occurred_at, _KEY + use.access_key, use.account, False)
        for use in (own_uses(connection, keys) if keys else ())
    ]
    for _, at, tag, account, ends in sorted(rows):
        _note(found[tag], account, at, ends)
    return found


def _governed(connection: Connection) -> set[str]:
    rows = connection.execute(
        "SELECT account FROM event WHERE type = 'iam.AccountRegistered' AND data->'body'->>'mode' = 'governed'"
    )
    return {row[0] for row in rows}
