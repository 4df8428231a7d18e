"""Exceptions: added and removed; those that there are, and those that there were."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import parse_known_at
from erstwhile.api.asking.times import read_time
from erstwhile.api.problems import bad_request
from erstwhile.domain.commands.exceptions import AddException, RemoveException
from erstwhile.domain.detections.catalogue import CATALOGUE
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.exceptions.exception import Excepted, Exceptions, exceptions_of
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant
from erstwhile.projections.clock import now_at_least


class ExceptionWords(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as its owner writes it. `check`: a kind of finding, a report or a control, * for all; `target`: what
    it is about, with * and ?; `expires`: an instant."""

    name: str
    check: str
    target: str
    owner: str
    reason: str
    expires: str
    account: str = ""


class ExceptionQuestions:
    """Any thread may ask."""

    def __init__(self, history: History) -> None:
        self._history = history

    def adding(self, words: ExceptionWords) -> AddException:
        """The command that adds an exception. Raises Problem."""
        try:
            expires = format_instant(read_time(words.expires))
        except MalformedInstant as error:
            raise bad_request("malformed_instant", f"expires: {error}") from None
        with self._history.connection() as connection:
            now = now_at_least(connection)
        return AddException(
            account=OWN, name=words.name, check=words.check.strip(), target=words.target.strip(),
            of_account=words.account, owner=words.owner.strip(), reason=words.reason.strip(), expires=expires,
            now=format_instant(now),
        )  # fmt: skip

    @staticmethod
    def caution(check: str) -> str:
        """Words about a check that no finding and no report has; '' where one has it. It may be a control of the
        caller's own."""
        known = [*CATALOGUE, *REPORTS]
        if any(matches(check.lower(), each) for each in known):
            return ""
        alike = get_close_matches(check.lower(), known, n=3, cutoff=0.5)
        meant = f": did you mean {' or '.join(alike)}?" if alike else ""
        return f"no finding and no report is called {check[:100]}; it counts for a control of that name{meant}"

    @staticmethod
    def removal(name: str, reason: str = "") -> RemoveException:
        return RemoveException(account=OWN, name=name, reason=reason.strip())

    def listing(self, everything: bool = False, known_at: str | None = None) -> dict[str, Any]:
        """The exceptions that hold; with `everything` those that expired or were removed, too. Raises Problem."""
        with self._history.connection() as connection:
            position = parse_known_at(connection, known_at)
            position = EventLog.within(connection).head() if position is None else position
            self._history.wait_for(connection, position)
            now = now_at_least(connection)
            found = self.of(position).every
            told = [_json(each) | {"holds": each.since <= now < each.until} for each in found]
            return {"revision": position, "exceptions": [each for each in told if everything or each["holds"]]}

    def of(self, position: int) -> Exceptions:
        """All exceptions as known at a position that history has reached."""
        return exceptions_of(self._history.facts(position))


def _json(each: Excepted) -> dict[str, Any]:
    return {
        "name": each.name,
        "check": each.check,
        "target": each.target,
        "account": each.account or None,
        "owner": each.owner,
        "reason": each.reason,
        "since": format_instant(each.since),
        "expires": format_instant(each.expires),
        "until": format_instant(each.until),
        "position": each.position,
    }
