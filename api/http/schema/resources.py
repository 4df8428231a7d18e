"""Resources that applications register."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Tag(Struct, rename={"key": "Key", "value": "Value"}, forbid_unknown_fields=True):
    key: str
    value: str


class ResourceRegistration(Struct, kw_only=True, forbid_unknown_fields=True):
    """The resource is so from now on: these tags and no others; this policy, or none."""

    type: str = ""
    tags: dict[str, str] | list[Tag] | None = None
    policy: dict[str, Any] | str | None = None
    account: str | None = None


class ResourceWritten(Struct):
    resource: str
    account: str
    changed: bool
    revision: int


class ResourceDeleted(Struct):
    resource: str
    revision: int


class KnownResource(Struct):
    resource: str
    type: str
    id: str
    account: str
    tags: dict[str, str]
    policy: Any


class ResourcePage(Struct):
    resources: list[KnownResource]
    next_cursor: str
