"""Users and roles as JSON, once for each."""

from __future__ import annotations

import msgspec

from erstwhile.domain.directory.named import Named


class _Who(msgspec.Struct):
    principal: str
    kind: str
    account: str
    unique_id: str


def write_named(each: Named) -> bytes:
    """The members that tell who it is, without braces; kept in `Named.written`."""
    account, kind, unique_id = each.key
    each.written = msgspec.json.encode(_Who(each.arn, kind, account, unique_id))[1:-1]
    return each.written


def write_path(each: Named) -> bytes:
    """How the paths begin by which it has its policies; kept in `Named.written_path`."""
    each.written_path = msgspec.json.encode(f"{each.key[1]}/{each.name}")
    return each.written_path
