"""What the sections of a report have in common.

`Sure` says what a line rests on: `recorded` (a record or a listing says it), `by_name` (a record says it of a name,
whose unique id nobody has seen), `inferred` (it follows from what is on record), `unknown`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Sure = Literal["recorded", "by_name", "inferred", "unknown"]


class Section(Struct, frozen=True, kw_only=True, tag_field="section"):
    """A part of the report. `notes`: what is to be known of all its lines, above all what is not on record."""

    notes: tuple[str, ...] = ()


class Act(Struct, frozen=True, kw_only=True):
    """A call or an event: when, which, by whom, from where. `evidence`: ACCOUNT/RECORD; `position`: of its event in the
    log."""

    at: datetime
    action: str
    actor: str
    access_key: str = ""
    session: str = ""
    source_ip: str = ""
    evidence: str = ""
    position: int | None = None
