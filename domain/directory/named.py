"""Who a user or role is at an instant."""

from __future__ import annotations

from erstwhile.domain.directory.facts import EntityKey


class Named:
    """A user or role under one ARN and name. `written` and `written_path`: what answers say of it as JSON, kept here
    when that is written first."""

    __slots__ = ("arn", "key", "name", "written", "written_path")

    def __init__(self, key: EntityKey, arn: str, name: str) -> None:
        self.key = key
        self.arn = arn
        self.name = name
        self.written = b""
        self.written_path = b""
