"""Who a user or role is."""

from __future__ import annotations

from erstwhile.domain.directory.facts import EntityKey


class Named:
    """A user or role under one ARN. `written`: what answers say of it as JSON; whoever writes that first keeps it
    here."""

    __slots__ = ("arn", "key", "written")

    def __init__(self, key: EntityKey, arn: str) -> None:
        self.key = key
        self.arn = arn
        self.written = b""
