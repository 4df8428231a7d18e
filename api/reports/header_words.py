"""A report's header in words, as pages and workbooks show it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.reports.report import AccountCoverage, Header
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant

_GAPS_SHOWN = 20


def header_words(header: Header, content_hash: str) -> Iterator[tuple[str, str]]:
    """(what, in words), in order."""
    yield "Question", header.question
    for name, text in header.parameters:
        yield f"Option {name}", text
    if header.begin is not None and header.end is not None:
        yield "From", format_instant(header.begin)
        yield "To", f"{format_instant(header.end)} (exclusive)"
    elif header.as_of is not None:
        yield "As of", format_instant(header.as_of)
    known = f"log position {header.position}"
    yield "Known at", known if header.known_at is None else f"{known}, recorded at {format_instant(header.known_at)}"
    yield "Accounts", ", ".join(header.accounts)
    for each in header.coverage:
        yield f"Coverage of {each.account}", "; ".join(_coverage(each))
    for note in header.notes:
        yield "Note", note
    yield "Made by", f"{header.generated_by} {header.engine_version}, service reference {header.data_version}"
    yield "Content hash", f"SHA-256 {content_hash}"


def _coverage(each: AccountCoverage) -> Iterator[str]:
    yield each.mode
    if each.mode == "governed":
        yield "every change is made here"
        return
    if each.first_record is None or each.last_record is None:
        yield "no records"
    else:
        first, last = format_instant(each.first_record), format_instant(each.last_record)
        yield f"{each.records} records from {first} to {last}"
    shown = [f"{_end(gap.begin)} to {_end(gap.end)}" for gap in each.gaps[:_GAPS_SHOWN]]
    if len(each.gaps) > _GAPS_SHOWN:
        shown.append(f"and {len(each.gaps) - _GAPS_SHOWN} more")
    yield f"without records: {', '.join(shown)}" if shown else "no hour without records"


def _end(instant: datetime) -> str:
    return "the beginning" if instant == BEFORE else "now" if instant == FOREVER else format_instant(instant)
