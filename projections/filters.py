"""The filters of the audit trail and the activity, and the cursors of their pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any

import msgspec

from erstwhile.domain.vocabulary.cursors import cursor_of, not_a_cursor, place_of
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.projections.sql import instant_text


class MalformedFilter(MalformedInput):
    """a filter that means nothing here: none is left out in silence"""

    code = "malformed_filter"


OUTCOMES = ("success", "failed", "refused", "drift", "finding", "seen")
"""Outcomes of entries of the trail. `finding`: a claim about another account; `seen`: a principal's first sighting."""
CALL_OUTCOMES = ("success", "failed")
"""Outcomes of calls in the activity."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Filters; an empty field does not filter. Texts match parts of a value, regardless of case."""

    account: str = ""
    actor: str = ""
    target: str = ""
    action: str = ""
    source_ip: str = ""  # addresses, networks (CIDR) and names of services, with commas between
    session: str = ""
    outcome: str = ""  # one or more, with commas between
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    known_at: int | None = None
    everything: bool = False  # include what imports and catalogues record about themselves


class Page(msgspec.Struct, frozen=True):
    """Entries, newest first, and the cursor of the next page ('' on the last)."""

    entries: list[dict[str, Any]]
    next_cursor: str


def encode_cursor(listing: str, occurred_at: datetime, tie: str) -> str:
    """Returns the cursor after an entry; `tie` orders entries of the same instant."""
    return cursor_of(listing, occurred_at.isoformat(), tie)


def decode_cursor(listing: str, cursor: str) -> tuple[str, str]:
    """Returns (instant, tie). Raises MalformedCursor unless `encode_cursor` made the cursor for this listing."""
    at, tie = place_of(listing, cursor, parts=2)
    try:
        # Only the exact form is accepted, not other forms that Python parses (week dates, offsets of a day).
        is_instant = at[-6:] == "+00:00" and datetime.fromisoformat(at).isoformat() == at
    except ValueError:
        is_instant = False
    if not is_instant:
        raise not_a_cursor(cursor)
    return at, tie


def like(text: str) -> str:
    """A LIKE pattern that finds the text anywhere; `*` matches any characters."""
    return f"%{like_exactly(text)}%"


def like_exactly(text: str) -> str:
    """A LIKE pattern that finds the text alone; `*` matches any characters."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plain.replace("*", "%")


def one_of(text: str, known: Sequence[str], what: str) -> list[str]:
    """Splits a comma-separated list of known words. Raises MalformedFilter for other words."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            raise MalformedFilter(
                f"{what} must be {', '.join(known)}, or several with commas between, not {word[:40]!r}"
            )
    return words


def sources_of(text: str) -> tuple[list[str], list[str]]:
    """The networks and the names of services of the filter `source_ip`. Raises MalformedFilter."""
    networks, names = [], []
    for word in filter(None, (each.strip() for each in text.split(","))):
        try:
            networks.append(str(ipaddress.ip_network(word, strict=False)))
        except ValueError:
            if "/" in word or not any(letter.isalpha() for letter in word):
                raise MalformedFilter(
                    f"source_ip: {word[:60]!r} is neither an address, a network such as 203.0.113.0/24, nor the "
                    "name of a service"
                ) from None
            names.append(word.lower())
    return networks, names


class Where:
    """SQL conditions and their arguments."""

    def __init__(self, filters: Filters) -> None:
        """The conditions that trail and activity share. Raises MalformedFilter."""
        self.clauses = ["true"]
        self.arguments: dict[str, Any] = {}
        if filters.since is not None:
            self.add("r.occurred_at >= %(since)s::timestamptz", since=instant_text(filters.since))
        if filters.until is not None:
            self.add("r.occurred_at < %(until)s::timestamptz", until=instant_text(filters.until))
        self.in_time = self.sql
        """The conditions of time alone."""
        if filters.account:
            self.add("r.account = %(account)s", account=filters.account)
        if filters.action:
            self.add("r.action ILIKE %(action)s", action=like(filters.action))
        if filters.session:
            self.add("r.session ILIKE %(session)s", session=like(filters.session))
        if filters.source_ip:
            self._from(filters.source_ip)

    def add(self, clause: str, **arguments: Any) -> None:
        self.clauses.append(clause)
        self.arguments.update(arguments)

    def among(self, positions: list[int]) -> Where:
        """These conditions, of these events alone."""
        found = copy(self)
        found.clauses = ["r.position = ANY (%(among)s::bigint[])", *self.clauses]
        found.arguments = {**self.arguments, "among": positions}
        return found

    @property
    def is_among(self) -> bool:
        return "among" in self.arguments

    @property
    def sql(self) -> str:
        return " AND ".join(f"({clause})" for clause in self.clauses)

    def _from(self, text: str) -> None:
        networks, names = sources_of(text)
        self.add(
            "lower(r.source_ip) = ANY (%(from_names)s) OR client_address(r.source_ip) <<= ANY (%(from)s::inet[])",
            **{"from": networks, "from_names": names},
        )
