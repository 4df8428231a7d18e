"""Who a user or role is at an instant."""

from __future__ import annotations

from erstwhile.domain.directory.facts import EntityKey


class Named:
    """A user or role under one ARN and name. `written`: what answers say of it as JSON; whoever writes that first
    keeps it here."""

    __slots__ = ("arn", "key", "name", "written")

    def __init__(self, key: EntityKey, arn: str, name: str) -> None:
        self.key = key
        self.arn = arn
        self.name = name
        self.written = b""
