"""What managed policies said of a question over a window, by their ARNs.

Of a policy that is found by its recorded ARN, and by nobody else's, the rows say it. Any other ARN is looked up in the
Directory of one instant after another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.at_once.readings import SILENT, UNREAD, Readings
from erstwhile.domain.history.at_once.spans import NONE, Spans, joined, meetings, spans, uncovered
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.wide_history import Ints, Rows, WindowRows
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.sources import SHOWN, find_policy, managed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant
from erstwhile.domain.vocabulary.micros import ALWAYS, instant_of, micros_of

_SILENT = -1
"""In place of the number of a policy that says nothing of the question."""


class Named(NamedTuple):
    """The intervals in which a policy had an ARN, by the numbers of rows, and since when it existed."""

    entity: int
    begin: int
    end: int
    begun: int


class Policies:
    """Of one question. A policy has a number: the key of `parts`."""

    def __init__(
        self, rows: WindowRows, facts: ReadFacts, readings: Readings, action: str, begin: int, end: int
    ) -> None:
        self._rows, self._facts, self._readings = rows, facts, readings
        self._window = begin, end
        self._by_arn: dict[str, int] = {}
        self._looked_up: dict[tuple[str, str], int] = {}
        self._has_shown = {account for account, kind in rows.places if kind == SHOWN}
        self._odd: set[tuple[str, str]] = set()
        """Account and name (lower case), or id, of policies that have no ARN on record that fits their name."""
        self._count = 0
        self.parts: Spans = NONE
        """What each policy says, where it says something, or that is not known; in the order of keys."""
        self.begun: Ints = NONE.what
        """Of each of the parts, since when the policy exists: an earlier attachment was to another of its ARN."""
        self._read(action)

    def numbers(self, pairs: list[tuple[str, str]]) -> Ints:
        """The number of each policy, by account of who has it and ARN; less than 0 where it is silent throughout."""
        by_arn, shown, odd = self._by_arn, self._has_shown, self._odd
        found = []
        for account, arn in pairs:
            number = by_arn.get(arn)
            if number is None or (odd and _place(arn) in odd) or (account in shown and _is_of_aws(arn)):
                number = self._look_up(account, arn)
            found.append(number)
        self._put_in_order()
        return np.array(found, dtype=np.int64)

    # By rows.

    def _read(self, action: str) -> None:
        rows, (begin, end) = self._rows, self._window
        kinds = np.array([kind == "policy" for _, kind in rows.places], dtype=bool)
        policies = np.flatnonzero(kinds[rows.place])
        by_arn: dict[str, list[Named]] = {}
        for named, arn in self._named(rows.rows(a.ENTITY, policies)):
            by_arn.setdefault(arn, []).append(named)
        # A version that existed and was never seen may have been in force.
        gaps = set(rows.rows(a.GAP).entity.tolist())
        plain = [
            (arn, those) for arn, those in by_arn.items() if _is_plain(those) and gaps.isdisjoint(e for e, *_ in those)
        ]
        flat = [(number, *each) for number, (_, those) in enumerate(plain) for each in those]
        number, entity, since, until, begun = np.array(flat, dtype=np.int64).reshape(-1, 5).T
        there = spans(entity, since, until, np.arange(len(flat), dtype=np.int64)).in_order()
        known, readings = self._documents(rows.in_force(), action)
        met = meetings(known, there)
        which = there.what[met.right]
        said = spans(number[which], met.begin, met.end, readings[met.left])
        lives = spans(number, since, until, np.arange(len(flat), dtype=np.int64)).in_order()
        unknown = uncovered(said, np.arange(len(plain), dtype=np.int64), begin, end)
        unseen = meetings(unknown, lives)  # it was there, and what it said is not known
        absent = uncovered(lives, np.arange(len(plain), dtype=np.int64), begin, end)
        parts = joined(
            said,
            spans(unknown.key[unseen.left], unseen.begin, unseen.end, UNREAD),
            spans(absent.key, absent.begin, absent.end, UNREAD),
        )
        since_when = np.concatenate(
            (begun[which], begun[lives.what[unseen.right]], np.full(len(absent.key), ALWAYS, dtype=np.int64))
        )
        speaks = parts.what != SILENT
        self.parts, self.begun = parts.only(speaks), since_when[speaks]
        self._count = len(plain)
        has_parts = np.zeros(len(plain), dtype=bool)
        has_parts[self.parts.key] = True
        for each, ((arn, _), is_there) in enumerate(zip(plain, has_parts.tolist(), strict=True)):
            self._by_arn[arn] = each if is_there else _SILENT

    def _named(self, described: Rows) -> Iterator[tuple[Named, str]]:
        rows, places = self._rows, self._rows.places
        accounts = [places[place][0] for place in rows.place[described.entity].tolist()]
        columns = (described.entity, described.value, described.begin, described.end)
        for account, entity, value, begin, end in zip(
            accounts, *(column.tolist() for column in columns), strict=True
        ):  # fmt: skip
            told = rows.value(value)
            arn, name = str(told.get("arn", "")), str(told.get("name", ""))
            if name and arn.endswith(f"/{name}") and f"::{account}:policy/" in arn:
                yield Named(entity, begin, end, ALWAYS if account == AWS_MANAGED else _begun(told, begin)), arn
            else:
                self._odd |= {(account, name.lower()), (account, rows.key(entity)[2].lower())}

    def _documents(self, said: Rows, action: str) -> tuple[Spans, Ints]:
        """The intervals in which policies said something that is known, and what that is."""
        speaking = self._rows.speaking(action)
        values, places = np.unique(said.value, return_inverse=True)
        speaks = np.isin(values, speaking)
        numbers = [
            self._readings.of(self._rows.value(value).get("document")) if is_speaking else SILENT
            for value, is_speaking in zip(values.tolist(), speaks.tolist(), strict=True)
        ]
        readings = np.array(numbers, dtype=np.int64)[places]
        return spans(said.entity, said.begin, said.end), readings

    # By Directories.

    def _look_up(self, account: str, arn: str) -> int:
        place = (account if _is_of_aws(arn) else "", arn)
        found = self._looked_up.get(place)
        if found is None:
            parts = list(self._steps(*place))
            found = self._looked_up[place] = self._count if parts else _SILENT
            if parts:
                begin, end, what, begun = np.array(parts, dtype=np.int64).T
                key = np.full(len(parts), self._count, dtype=np.int64)
                self.parts = joined(self.parts, Spans(key, begin, end, what))
                self.begun = np.concatenate((self.begun, begun))
                self._count += 1
        return found

    def _steps(self, account: str, arn: str) -> Iterator[tuple[int, int, int, int]]:
        begin, end = self._window
        at, last = instant_of(begin), instant_of(end)
        while at < last:
            instant = max(at, BEFORE + TICK)
            self._facts.turn_to(instant)
            view = DirectoryView(self._facts, 0, instant)
            reading = self._readings.of(managed(view, arn, account).document)
            policy = find_policy(view, arn)
            begun = None if _is_of_aws(arn) or policy is None else policy.begun
            courses = self._facts.read.values()
            until = min((course.next_change(instant, frozenset()) for course in courses), default=last)
            until = min(until, last)
            if reading != SILENT:
                yield micros_of(at), micros_of(until), reading, ALWAYS if begun is None else micros_of(begun)
            at = until

    def _put_in_order(self) -> None:
        order = np.argsort(self.parts.key, kind="stable")
        self.parts, self.begun = self.parts.only(order), self.begun[order]


def _is_plain(those: list[Named]) -> bool:
    """Whether there was one policy at a time, and each began once."""
    if len(those) == 1:
        return True
    those = sorted(those, key=lambda each: each.begin)
    begun: dict[int, int] = {}
    return all(begun.setdefault(each.entity, each.begun) == each.begun for each in those) and all(
        one.end <= other.begin for one, other in pairwise(those)
    )


def _begun(told: Value, begin: int) -> int:
    """`Entity.begun`."""
    begun = told.get("begun")
    if not begun:
        return begin
    return ALWAYS if begun == "-infinity" else micros_of(parse_instant(begun))


def _is_of_aws(arn: str) -> bool:
    return policy_account(arn) == AWS_MANAGED


def _place(arn: str) -> tuple[str, str]:
    return policy_account(arn), policy_name_of(arn).lower()
