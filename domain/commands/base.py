"""What every command has in common."""

from __future__ import annotations

import msgspec

from erstwhile.domain.events import Body

Decided = list[Body]
"""The events that a command makes, in their order; none when the state is already as the command wants it."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to change one governed account."""

    account: str
