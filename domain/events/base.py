"""What every event body has in common."""

from __future__ import annotations

import msgspec


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What happened. Immutable; fields are JSON types, documents are strings exactly as given."""
