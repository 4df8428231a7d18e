"""Who can get where: the words of such a question, and its answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from erstwhile.api.asking.history import History
from erstwhile.api.asking.moments import Moment, moment, parse_as_of
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.api.asking.questions import Questions, require_account
from erstwhile.api.asking.reach_ever import ever_json
from erstwhile.api.asking.told_reach import ToldEdges, cut_json, lead_json, table_json
from erstwhile.api.asking.under_way import under_way
from erstwhile.api.problems import bad_request
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.reach.changes import Changes, only_in
from erstwhile.domain.reach.cuts import MAX_CUTS, Cut, best_cuts, cuts
from erstwhile.domain.reach.edges import Proved
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.from_some import WaysFrom
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.path_table import PathTable
from erstwhile.domain.reach.paths import (
    Path,
    Reach,
    listed,
    paths_between,
    paths_into,
    paths_to_administrator,
    tabled,
)
from erstwhile.domain.reach.unknown import leads, not_known
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

STEPS, MAX_STEPS = 3, 8
LIMIT, MAX_LIMIT = 100, 10_000
"""Paths of an answer."""
MAX_TABLE = 1_000_000
"""Paths of a table."""
MAX_LEADS = 20
_ALL_OF_IT = "who is an administrator has all of its account: no steps are looked for that it needs not"


class ReachWords(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its caller wrote it. `source`, `target`: principals; `since`: an instant to compare with;
    `ever_since`: the paths at any time from then on."""

    source: str | None = None
    target: str | None = None
    to_administrator: bool = False
    account: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    since: str | None = None
    ever_since: str | None = None
    steps: int = STEPS
    limit: int | None = None
    table: bool = False
    """Whether the paths are asked for as a table: each edge once, each path as the numbers of its edges."""

    @property
    def most(self) -> int:
        """The most paths that are told: LIMIT where nothing is said, and of a table, as many as it may have."""
        if self.limit is not None:
            return self.limit
        return MAX_TABLE if self.table else LIMIT


class _Asked(msgspec.Struct, frozen=True):
    """The same with ARNs."""

    source: str | None
    target: str | None
    to_administrator: bool
    account: str
    steps: int
    limit: int
    table: bool = False


class Reaching:
    """Any thread may ask; `stop` ends it before its end."""

    def __init__(self, history: History, questions: Questions) -> None:
        self._history = history
        self._questions = questions

    def reach(self, words: ReachWords, stop: Stop) -> dict[str, Any]:
        """The paths from a principal, to one, or to administrators. Raises Problem."""
        _require_sense(words)
        with self._history.connection() as connection:
            when = moment(connection, words.as_of, words.known_at)
            directory = self._history.at(connection, when)
            asked = self._asked(connection, directory, words, when)
            through = _Through(self._history, asked, when.known_at, stop)
            ways = through.ways(directory, when.as_of)
            found = _found(ways, asked)
            proved = Proved(ways.questions)
            told = ToldEdges(proved)
            answer: dict[str, Any] = {
                "from": asked.source, "to": "administrator" if asked.to_administrator else asked.target,
                "steps": asked.steps, "paths": [told.path(each) for each in found.paths],
                "principals": _principals(found), "administrators": [each.text for each in found.administrators],
                "cuts": [cut_json(each, _count(found)) for each in _cuts(ways, found, proved)],
                "is_cut": found.is_cut, "unknown": [], "leads": [],
            }  # fmt: skip
            if found.table is not None:
                answer["table"] = table_json(told, found.table)
            is_administrator = asked.source is not None and ways.is_administrator(Node(asked.source))
            if asked.source is not None and not is_administrator:
                answer["unknown"] = not_known(ways, Node(asked.source))
                answer["leads"] = [lead_json(each) for each in leads(ways, Node(asked.source), MAX_LEADS)]
            if words.since is not None:
                answer |= self._changed(connection, words, through, when, (ways, found), stop)
            if words.ever_since is not None:
                answer |= self._ever(connection, words.ever_since, through, when, stop)
            accounts = [asked.account] if asked.account else None
            notes = [_ALL_OF_IT] if is_administrator else []
            notes += _notes(asked, found)
            with under_way(self._history, connection, directory, when, accounts) as making:
                return self._questions.finish(making, answer, tuple(notes))

    def _asked(self, connection: Connection, directory: Directory, words: ReachWords, when: Moment) -> _Asked:
        require_account(directory, words.account)
        source, target = (
            _lasting(directory, find_subject(connection, directory, each, when)) if each is not None else None
            for each in (words.source, words.target)
        )
        return _Asked(source, target, words.to_administrator, words.account or "", words.steps, words.most, words.table)

    def _ever(
        self, connection: Connection, since: str, through: _Through, when: Moment, stop: Stop
    ) -> dict[str, Any]:  # fmt: skip
        """The paths at any time since an instant."""
        begin = self._earlier(connection, "ever_since", since, when)

        def search(instant: datetime) -> tuple[Ways, Reach]:
            ways = through.ways(self._history.at(connection, Moment(instant, when.known_at)), instant)
            return ways, _found_if_there(ways, through.asked)

        history = stoppable(self._history.facts(when.known_at), stop)
        return {"ever_since": format_instant(begin), "ever": ever_json(history, begin, when.as_of, search)}

    def _earlier(self, connection: Connection, name: str, text: str, when: Moment) -> datetime:
        """An instant before the one that is asked about. Raises Problem."""
        found = parse_as_of(connection, text)
        if found is None or found > when.as_of:
            raise bad_request("malformed_parameter", f"{name} must be an instant before as_of")
        return found

    def _changed(
        self, connection: Connection, words: ReachWords, through: _Through, when: Moment, after: tuple[Ways, Reach],
        stop: Stop,
    ) -> dict[str, Any]:  # fmt: skip
        """The paths that opened or closed since an instant, and by which events."""
        begin = self._earlier(connection, "since", words.since or "", when)
        ways = through.ways(self._history.at(connection, Moment(begin, when.known_at)), begin)
        before = _found_if_there(ways, through.asked)
        then, now = set(before.administrators), set(after[1].administrators)
        history = stoppable(self._history.facts(when.known_at), stop)
        changes = Changes(history, begin, when.as_of)
        telling = Telling(history, ToldEvents(connection))

        def told(which: Ways, paths: Iterable[Path], other: Iterable[Path], opened: bool) -> list[dict[str, Any]]:
            found, edges = [], ToldEdges(Proved(which.questions))
            for path in only_in(paths, other):
                changed = changes.of(path, other, which.questions, opened)
                found.append({**edges.path(path), "changed_by": telling.changes(changed.causes)})
            return found

        return {
            "since": format_instant(begin),
            "opened": told(after[0], [each for each in after[1].paths if each.source not in then], before.paths, True),
            # The path of a principal that has become an administrator is not closed: it is at its end.
            "closed": told(ways, [each for each in before.paths if each.source not in now], after[1].paths, False),
            "new_administrators": sorted(each.text for each in now - then),
            "former_administrators": sorted(each.text for each in then - now),
        }


def _lasting(directory: Directory, principal: str) -> str:
    """The role of a session; anybody else as it is."""
    entity = find_principal(directory, principal)
    return principal if entity is None else directory.arn_of(entity)


def _require_sense(words: ReachWords) -> None:
    """Raises Problem for a question that says too little, or two things at once."""
    if words.target is not None and words.to_administrator:
        raise bad_request("malformed_parameter", "ask for the paths to a principal, or to administrators, not both")
    if words.source is None and words.target is None and not words.to_administrator:
        raise bad_request("parameter_missing", "say from whom, to whom, or to administrators")
    if not 1 <= words.steps <= MAX_STEPS:
        raise bad_request("malformed_parameter", f"steps must be a number from 1 to {MAX_STEPS}, not {words.steps}")
    if words.limit is not None and not 1 <= words.limit <= MAX_LIMIT:
        raise bad_request("malformed_limit", f"limit must be a number from 1 to {MAX_LIMIT}, not {words.limit}")
    if words.table and (words.since is not None or words.ever_since is not None):
        raise bad_request("malformed_parameter", "a table is of one instant: ask without since and ever_since")


class _Through:
    """The ways that one question looks through, at any instant, as known at a position."""

    def __init__(self, history: History, asked: _Asked, known_at: int, stop: Stop) -> None:
        self.asked = asked
        self._history = history
        self._known_at = known_at
        self._stop = stop

    @cached_property
    def _trusting(self) -> Trusting:
        return self._history.facts(self._known_at).once(Trusting)

    def ways(self, directory: Directory, instant: datetime) -> Ways:
        """From one principal, what bears on it alone is read."""
        asked = self.asked
        if asked.source and not asked.to_administrator and asked.target is None:
            return WaysFrom(directory, instant, self._trusting, self._stop.check)
        return Ways(directory, self._stop.check)


def _found(ways: Ways, asked: _Asked) -> Reach:
    gather = tabled if asked.table else listed
    if asked.to_administrator:
        return paths_to_administrator(ways, asked.steps, asked.limit, asked.account, asked.source or "", gather)
    if asked.source is None:
        return paths_into(ways, asked.target or "", asked.steps, asked.limit, gather)
    if asked.target is not None:
        return paths_between(ways, asked.source, asked.target, asked.steps, asked.limit, gather)
    found = reachable(ways, asked.source, asked.steps, asked.limit)
    if not asked.table:
        return found
    table = PathTable.of(each.edges for each in found.paths)
    return Reach((), found.principals, found.administrators, found.is_cut, found.was_long, table)


def _count(found: Reach) -> int:
    return len(found.paths) if found.table is None else found.table.count


def _cuts(ways: Ways, found: Reach, proved: Proved) -> list[Cut]:
    if found.table is None:
        return cuts(ways.questions, found.paths, proved=proved)
    return best_cuts(ways.questions, found.table.places(), MAX_CUTS, proved)


def _found_if_there(ways: Ways, asked: _Asked) -> Reach:
    """No paths where a principal of the question was not there yet."""
    try:
        return _found(ways, asked)
    except UnknownPrincipal:
        return Reach((), {})


def _principals(found: Reach) -> list[dict[str, Any]]:
    """Who can reach the goal, or what can be reached, with the least steps."""
    rows = sorted((steps, node.text) for node, steps in found.principals.items() if steps)
    return [{"principal": text, "steps": steps} for steps, text in rows]


def _notes(asked: _Asked, found: Reach) -> list[str]:
    notes = [f"paths of more than {asked.steps} steps are not looked for: ask for more steps"]
    if asked.steps >= MAX_STEPS:
        notes = [f"paths of more than {MAX_STEPS} steps are not looked for"]
    if found.was_long:
        notes.append("there may be more paths than were walked: ask for fewer steps, or from one principal")
    elif found.is_cut:
        how = "a table of all" if not asked.table and asked.limit >= MAX_LIMIT else "a higher limit"
        if asked.table and asked.limit >= MAX_TABLE:
            how = "fewer steps"
        notes.append(f"there are more than {asked.limit} paths: ask for {how}, or from one principal")
    return notes
