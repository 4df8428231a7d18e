"""What an import did: every record counted, and what was not understood named."""

from __future__ import annotations

from collections import Counter

import msgspec


class Summary(msgspec.Struct):
    """Counts of one import. changes + failed + activity + not_translated + duplicates = records."""

    files: int = 0
    files_known: int = 0
    records: int = 0
    changes: int = 0
    failed: int = 0
    activity: int = 0
    not_translated: int = 0
    duplicates: int = 0
    drift: int = 0
    change_operations: Counter[str] = msgspec.field(default_factory=Counter)
    failed_operations: Counter[str] = msgspec.field(default_factory=Counter)
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    refused: list[str] = msgspec.field(default_factory=list)
    position: int = 0

    def add(self, other: Summary) -> None:
        """Adds another's counts."""
        for name in ("files", "files_known", "records", "changes", "failed", "activity", "not_translated",
                     "duplicates", "drift"):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.change_operations += other.change_operations
        self.failed_operations += other.failed_operations
        self.reasons += other.reasons
        self.refused += other.refused
        self.position = max(self.position, other.position)
