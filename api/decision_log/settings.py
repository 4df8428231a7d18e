"""Which decisions are recorded: ERSTWHILE_DECISION_LOG, …_MASK, …_FULL."""

from __future__ import annotations

import os
import re

import msgspec

from erstwhile.api.database.settings import MalformedSetting

_SAMPLED = re.compile(r"sampled:(0?\.\d{1,9}|1(?:\.0*)?)")
_MASK = re.compile(r"[^\s,]{1,200}")


class DecisionLogSettings(msgspec.Struct, frozen=True):
    """`share`: of the decisions, 0 to 1; `denied_only`: those that are not allowed; `masked`: names of members of
    context and properties, with * for any characters; `refuses`: whether a full buffer refuses questions (503) instead
    of dropping what it cannot keep."""

    share: float = 1.0
    denied_only: bool = False
    masked: tuple[str, ...] = ()
    refuses: bool = False

    @property
    def is_on(self) -> bool:
        return self.share > 0


def from_environment() -> DecisionLogSettings:
    """Raises MalformedSetting."""
    kind = os.environ.get("ERSTWHILE_DECISION_LOG", "") or "all"
    sampled = _SAMPLED.fullmatch(kind)
    if kind not in ("all", "denied", "off") and sampled is None:
        raise MalformedSetting(f"ERSTWHILE_DECISION_LOG must be all, denied, off or sampled:0.01, not {kind[:40]!r}")
    masks = tuple(filter(None, (each.strip() for each in os.environ.get("ERSTWHILE_DECISION_LOG_MASK", "").split(","))))
    for each in masks:
        if not _MASK.fullmatch(each):
            raise MalformedSetting(
                f"ERSTWHILE_DECISION_LOG_MASK names keys, with * for any characters; not {each[:40]!r}"
            )
    full = os.environ.get("ERSTWHILE_DECISION_LOG_FULL", "") or "drop"
    if full not in ("drop", "refuse"):
        raise MalformedSetting(f"ERSTWHILE_DECISION_LOG_FULL must be drop or refuse, not {full[:40]!r}")
    share = float(sampled[1]) if sampled else (0.0 if kind == "off" else 1.0)
    return DecisionLogSettings(share, kind == "denied", masks, full == "refuse")
