"""What an import did. Every record is counted, and records that were not understood are named."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from erstwhile.domain.observed.cloudtrail.quick_scan import OddRecord

MAX_NAMED = 1_000
"""How many odd records are named. The others are counted."""


class Summary(msgspec.Struct):
    """Counts of one import. changes + failed + sign_ins + findings + activity + not_translated + duplicates = records;
    what could not be read (`odd`) and what was passed over come on top of these."""

    files: int = 0
    files_known: int = 0
    records: int = 0
    changes: int = 0
    failed: int = 0
    activity: int = 0
    not_translated: int = 0
    duplicates: int = 0
    sign_ins: int = 0
    findings: int = 0
    odd_records: int = 0
    drift: int = 0
    change_operations: Counter[str] = msgspec.field(default_factory=Counter)
    failed_operations: Counter[str] = msgspec.field(default_factory=Counter)
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    claims: Counter[str] = msgspec.field(default_factory=Counter)
    passed_over: Counter[str] = msgspec.field(default_factory=Counter)
    odd: list[str] = msgspec.field(default_factory=list)
    refused: list[str] = msgspec.field(default_factory=list)
    position: int = 0

    @property
    def recognised(self) -> bool:
        """Whether the import found anything of CloudTrail's."""
        return bool(self.records or self.files_known or self.passed_over or self.refused)

    def add(self, other: Summary) -> None:
        """Adds the counts of another summary."""
        for name in ("files", "files_known", "records", "changes", "failed", "activity", "not_translated",
                     "duplicates", "drift", "sign_ins", "findings", "odd_records"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.change_operations += other.change_operations
        self.failed_operations += other.failed_operations
        self.reasons += other.reasons
        self.claims += other.claims
        self.passed_over += other.passed_over
        self.odd += other.odd[: MAX_NAMED - len(self.odd)]
        self.refused += other.refused
        self.position = max(self.position, other.position)

    def name_odd(self, file: str, odd: list[OddRecord]) -> None:
        """Records of a file that could not be imported, each with its number and the reason."""
        self.odd_records += len(odd)
        for each in odd[: MAX_NAMED - len(self.odd)]:
            self.odd.append(f"{file}: {described(each)}")


def described(odd: OddRecord) -> str:
    """The record's number and what is odd about it. An entry that stands for several records has no number."""
    return f"record {odd.number} is {odd.reason}" if odd.number >= 0 else odd.reason
