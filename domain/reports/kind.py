"""What the catalogue says of a report: its name, what it asks for, and the function that makes its sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.report import Section
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.numbers import parse_number

_MOST_DAYS = 36_500
Make = Callable[[Asked, Known], Sequence[Section]]


class MalformedOption(MalformedInput):
    """an option that a report cannot take"""

    code = "malformed_option"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a report: a text, or the content of a file. `default` is taken where none is given."""

    name: str
    help: str
    default: str = ""
    is_file: bool = False
    is_required: bool = False


class ReportKind(msgspec.Struct, frozen=True, kw_only=True):
    """A report of the catalogue. `about`: an instant or a window. `make` is a pure function; it may raise
    MalformedInput for an option. Where `takes_resource`, the question may be about one resource."""

    name: str
    title: str
    question: str
    about: Literal["instant", "window"]
    make: Make
    options: Sequence[Option] = ()
    takes_resource: bool = False
    controls: Sequence[str] = ()
    """Which controls ask for it, in words: `SOC 2 CC6.3`."""
    one_account: bool = False
    """Whether it is about a single account, as AWS's credential report is."""
    needs_records: bool = True
    """Of a window: whether it is refused where no record of any account tells of it."""


def by_name(kinds: Iterable[ReportKind]) -> dict[str, ReportKind]:
    """Raises ValueError where two have one name."""
    found: dict[str, ReportKind] = {}
    for each in kinds:
        if each.name in found:
            raise ValueError(f"two reports are called {each.name}")
        found[each.name] = each
    return found


def days_of(options: Mapping[str, str], name: str = "days") -> int:
    """A number of days among the options. Raises MalformedOption."""
    text = options.get(name, "")
    number = parse_number(text)
    if number is None or not 1 <= number <= _MOST_DAYS:
        raise MalformedOption(f"{name} must be a number of days from 1 to {_MOST_DAYS}, not {text[:40]!r}")
    return number
