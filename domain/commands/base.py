"""What every command has in common."""

from __future__ import annotations

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to change one governed account."""

    account: str
