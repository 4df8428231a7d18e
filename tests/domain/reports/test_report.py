"""A report's canonical lines and its content hash."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from erstwhile.domain.reports.report import (
    AccountCoverage,
    Cell,
    Column,
    Gap,
    Header,
    Report,
    Section,
    canonical,
    canonical_lines,
    content_hash,
)

AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def report(*rows: tuple[Cell, ...]) -> Report:
    coverage = AccountCoverage(account="111122223333", mode="observed", records=2, gaps=(Gap(AT, AT),))
    header = Header(
        report="mfa", title="MFA", question="who has MFA?", parameters=(("days", "90"),), as_of=AT, position=7,
        accounts=("111122223333",), coverage=(coverage,), engine_version="0.1.0", data_version="1",
    )  # fmt: skip
    columns = (Column("user", "User"), Column("mfa", "MFA", "boolean"), Column("since", "Since", "instant"))
    return Report(header=header, sections=[Section(name="users", title="Users", columns=columns, rows=iter(rows))])


def test_lines_are_header_section_and_rows() -> None:
    header, section, row = canonical_lines(report(("ada", None, AT)))
    assert header.startswith(b'{"accounts":["111122223333"],"as_of":"2026-03-03T14:30:00Z","begin":null,"coverage":[{')
    assert b'"gaps":[{"begin":"2026-03-03T14:30:00Z","end":"2026-03-03T14:30:00Z"}]' in header
    assert b'"parameters":{"days":"90"}' in header
    assert section.startswith(b'{"columns":[{"heading":"User","kind":"text","name":"user"},')
    assert row == b'["ada",null,"2026-03-03T14:30:00Z"]'


def test_the_hash_is_of_the_lines_each_ended_by_a_newline() -> None:
    lines = list(canonical_lines(report(("ada", True, AT), ("bo", False, None))))
    assert content_hash(lines) == hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    assert content_hash(lines) == content_hash(canonical_lines(report(("ada", True, AT), ("bo", False, None))))
    assert content_hash(lines) != content_hash(canonical_lines(report(("ada", True, AT), ("bo", None, None))))


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError):
        canonical([{1, 2}])
