"""What a pasted word is, and what there was at an instant: `find` and `list`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import moment, parse_known_at
from erstwhile.api.asking.next_steps import next_steps
from erstwhile.api.problems import bad_request, not_found
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, is_account_id
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.coverage import cautions
from erstwhile.projections.finding.find import find
from erstwhile.projections.finding.found import Found
from erstwhile.projections.listing import KINDS, list_page
from erstwhile.projections.trail_index.index import TrailIndex

_NOTED = 20
"""Accounts of which an empty list says what is not known."""


class Lookups:
    """Any thread may ask. `as_of` and `known_at` are as their callers wrote them (`moments`)."""

    def __init__(self, history: History, index: TrailIndex | None = None) -> None:
        """`index`: of the audit trail."""
        self._history = history
        self._index = index

    def find(self, words: str, known_at: str | None = None) -> dict[str, Any]:
        """Everything that a word means, when that was, and where to go on. Raises Problem 404 where nothing has it."""
        asked = words.strip()
        if not asked:
            raise bad_request(
                "parameter_empty", "what is to be found is empty: paste an ARN, a name, an id, an address"
            )
        with self._history.connection() as connection:
            position = parse_known_at(connection, known_at)
            if position is None:
                position = EventLog.within(connection).head()
            self._history.wait_for(connection, position)
            found = find(connection, asked, position, self._index)
        if not found:
            raise not_found(
                "nothing_found",
                f"nothing here has {asked[:200]!r} as its ARN, name, unique id, access key, session, address, event, "
                "record or request",
            )
        return {"asked": asked, "known_at": position, "found": [_json(each) for each in found]}

    def listing(
        self,
        kind: str,
        as_of: str | None = None,
        known_at: str | None = None,
        account: str = "",
        limit: int = 50,
        cursor: str = "",
    ) -> dict[str, Any]:
        """A page of the users, roles, groups, policies, keys or resources of a moment. Raises Problem,
        MalformedCursor."""
        if kind not in KINDS:
            raise bad_request("unknown_kind", f"there is no list of {kind[:40]!r}; there are: {', '.join(KINDS)}")
        if account and account != AWS_MANAGED and not is_account_id(account):
            raise bad_request("malformed_parameter", f"account must be twelve digits, not {account[:40]!r}")
        with self._history.connection() as connection:
            when = moment(connection, as_of, known_at)
            self._history.wait_for(connection, when.known_at)
            page = list_page(connection, kind, when.as_of, when.known_at, account, limit, cursor)
            directory = self._history.at(connection, when)
            accounts = [account] if account else sorted({str(each["account"]) for each in page.entries})
            # Where nobody is shown, somebody of any account may be missing.
            accounts = accounts or directory.accounts()[:_NOTED]
            notes = [
                *self._history.before_beginning(connection, when.as_of, when.known_at),
                *cautions(connection, directory, when.as_of, accounts, self._history.coverage),
            ]
        return {
            "as_of": format_instant(when.as_of),
            "known_at": when.known_at,
            "listing": kind,
            "entries": page.entries,
            "next_cursor": page.next_cursor,
            "notes": notes,
        }


def _json(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "account": found.account,
        "name": found.name,
        "unique_id": found.unique_id,
        "of": found.of,
        "words": found.words,
        "lives": [{"from": _instant(begin), "to": _instant(end)} for begin, end in found.lives],
        "first_seen": _instant(found.first_seen),
        "last_seen": _instant(found.last_seen),
        "position": found.position,
        "evidence": found.evidence or None,
        "next": next_steps(found, _moment(found)),
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _moment(found: Found) -> str | None:
    """The last instant of what is over; None for what there still is, or what has no life."""
    if not found.lives:
        return None
    ends = [end for _, end in found.lives]
    return None if None in ends else format_instant(max(end for end in ends if end) - timedelta(microseconds=1))
