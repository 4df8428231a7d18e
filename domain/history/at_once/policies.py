"""What managed policies said of a question over a window, by their ARNs.

Of a policy that is found by its recorded ARN, and by nobody else's, the rows say it. Any other ARN is looked up in the
Directory of one instant after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.at_once.policy_names import PolicyNames
from erstwhile.domain.history.at_once.readings import SILENT, UNREAD, Readings
from erstwhile.domain.history.at_once.spans import NONE, Spans, joined, meetings, spans, uncovered
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.wide_history import Ints, Rows, Speaking, WindowRows
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.sources import SHOWN, find_policy, managed
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.domain.vocabulary.micros import ALWAYS, instant_of, micros_of

_SILENT = -1
"""In place of the number of a policy that says nothing of the question."""


class Policies:
    """Of one question. A policy has a number: the key of `parts`."""

    def __init__(
        self, rows: WindowRows, facts: ReadFacts, readings: Readings, speaking: Speaking, begin: int, end: int
    ) -> None:
        self._rows, self._facts, self._readings = rows, facts, readings
        self._window = begin, end
        self._names = rows.kept(PolicyNames)
        self._looked_up: dict[tuple[str, str], int] = {}
        self._has_shown = {account for account, kind in rows.places if kind == SHOWN}
        self._count = 0
        self.parts: Spans = NONE
        """What each policy says, where it says something, or that is not known; in the order of keys."""
        self.begun: Ints = NONE.what
        """Of each of the parts, since when the policy exists: an earlier attachment was to another of its ARN."""
        self._read(speaking)

    def numbers(self, pairs: Iterable[tuple[str, str]]) -> Ints:
        """The number of each policy, by account of who has it and ARN; less than 0 where it is silent throughout."""
        by_arn, odd, shown = self._names.numbers, self._names.odd, self._has_shown
        numbers, gapped = self._numbers, self._gapped
        found = []
        for account, arn in pairs:
            number = by_arn.get(arn)
            if (
                number is None
                or number in gapped
                or (odd and _place(arn) in odd)
                or (shown and account in shown and _is_of_aws(arn))
            ):
                found.append(self._look_up(account, arn))
            else:
                found.append(numbers[number])
        self._put_in_order()
        return np.array(found, dtype=np.int64)

    # By rows.

    def _read(self, speaking: Speaking) -> None:
        rows, (begin, end), names = self._rows, self._window, self._names
        # A version that existed and was never seen may have been in force.
        gaps = np.isin(names.of_entities.key, rows.rows(a.GAP).entity)
        self._gapped = set(names.lives.key[names.of_entities.what[gaps]].tolist())
        known, readings = self._documents(rows.in_force(), speaking)
        met = meetings(known, names.of_entities)
        which = names.of_entities.what[met.right]
        said = spans(names.lives.key[which], met.begin, met.end, readings[met.left])
        every = np.arange(len(names.numbers), dtype=np.int64)
        unknown = uncovered(said, every, begin, end)
        unseen = meetings(unknown, names.lives)  # it was there, and what it said is not known
        absent = uncovered(names.lives, every, begin, end)
        parts = joined(
            said,
            spans(unknown.key[unseen.left], unseen.begin, unseen.end, UNREAD),
            spans(absent.key, absent.begin, absent.end, UNREAD),
        )
        always = np.full(len(absent.key), ALWAYS, dtype=np.int64)
        begun = np.concatenate((names.begun[which], names.begun[unseen.right], always))
        speaks = parts.what != SILENT
        self.parts, self.begun = parts.only(speaks), begun[speaks]
        self._count = len(every)
        has_parts = np.zeros(len(every), dtype=bool)
        has_parts[self.parts.key] = True
        self._numbers = np.where(has_parts, every, _SILENT).tolist()

    def _documents(self, said: Rows, speaking: Speaking) -> tuple[Spans, Ints]:
        """The intervals in which policies said something that is known, and what that is."""
        readings = self._readings.of_values(self._rows, said.value, speaking)
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


def _is_of_aws(arn: str) -> bool:
    return policy_account(arn) == AWS_MANAGED


def _place(arn: str) -> tuple[str, str]:
    return policy_account(arn), policy_name_of(arn).lower()
