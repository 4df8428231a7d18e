"""Which of many questions a policy document, an attachment or a membership may concern: one bit for each question.

A bit that is missing is sure: what the document says, whoever has it, decides nothing about that question. A bit that
is there is not: that is then decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.concerns import policies_named
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.watching.policy_pieces import Piece, pieces
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.domain.history.windows import Window, covers, joined
from erstwhile.domain.policy.language.part import speaks_of
from erstwhile.domain.vocabulary.bounded import Bounded

Mask = int
_KEPT = 20_000
"""Documents whose masks are kept."""


class Questions:
    """Some questions, numbered, and what documents say of them."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = tuple(asked)
        self.all: Mask = (1 << len(asked)) - 1
        self._documents: Bounded[str, Mask] = Bounded(_KEPT)
        self._words = [(each.action.lower(), each.watch.resource) for each in asked]

    def document(self, text: str | None) -> Mask:
        """The questions of which a policy about principals speaks; all, where it is not known."""
        if text is None:
            return self.all
        found = self._documents.get(text)
        if found is None:
            found = 0
            for number, (action, resource) in enumerate(self._words):
                if speaks_of(text, action, resource):
                    found |= 1 << number
            self._documents.keep(text, found)
        return found

    def of(self, mask: Mask) -> list[Asked]:
        """The questions of a mask."""
        return [self.asked[number] for number in numbers(mask)]


def numbers(mask: Mask) -> list[int]:
    """The bits of a mask."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


class _Carried(NamedTuple):
    """What a policy or group may concern, and when it was surely known."""

    mask: Mask
    known: tuple[Window, ...]

    def over(self, window: Window, everything: Mask) -> Mask:
        return self.mask if covers(self.known, *window) else everything


class Masks:
    """Over one history."""

    def __init__(self, history: FactHistory, questions: Questions) -> None:
        self.history = history
        self.questions = questions
        self._policies: dict[tuple[str, str], list[_Carried]] = {}
        self._groups: dict[EntityKey, _Carried] = {}

    def row(self, row: Interval) -> Mask | None:
        """The questions that a fact of a user, role or group may concern by itself; None where that depends on what
        else the principal has."""
        match row.attribute:
            case a.INLINE:
                return self.questions.document(row.value.get("document"))
            case a.ATTACHED:
                return self._attached(row.account, row.item, (row.valid_from, row.valid_to))
            case a.MEMBER_OF:
                group = self._group((row.account, "group", row.item))
                return group.over((row.valid_from, row.valid_to), self.questions.all)
            case a.COVERAGE | a.VANISHED:
                return self.questions.all
        return None

    def potential(self, key: EntityKey) -> Mask:
        """The questions that something that a principal ever had may concern."""
        found = 0
        for row in self.history.intervals_of(key):
            found |= self.row(row) or 0
        return found

    def _attached(self, account: str, arn: str, window: Window) -> Mask:
        """What an attached policy may concern; everything, where it was not known throughout the window."""
        found = self._policies.get((account, arn))
        if found is None:
            keys = policies_named(self.history, arn, account)
            found = self._policies[account, arn] = [self._policy(self.history.intervals_of(key)) for key in keys]
        everything = self.questions.all
        mask, is_known = 0, False
        for each in found:
            mask |= each.mask
            is_known |= covers(each.known, *window)
        return mask if is_known else everything

    def _policy(self, rows: Iterable[Interval]) -> _Carried:
        found = pieces(rows)
        mask = 0
        for each in found:
            mask |= self.questions.document(each.document)
        return _Carried(mask, joined(each[:2] for each in found))

    def _group(self, key: EntityKey) -> _Carried:
        found = self._groups.get(key)
        if found is None:
            mask, known = 0, []
            for row in self.history.intervals_of(key):
                if row.attribute == a.ENTITY:
                    known.append((row.valid_from, row.valid_to))
                else:
                    mask |= self.row(row) or 0
            # The ids that AWS gives are of one group; those that stand for unknown ones are not.
            found = self._groups[key] = _Carried(mask, () if key[2].startswith("~") else joined(known))
        return found

    def of_policy_change(self, earlier: FactHistory, key: EntityKey) -> Mask:
        """The questions that those who had a managed policy may be concerned by, for it says something else than it did
        in an earlier history."""
        before, after = pieces(earlier.intervals_of(key)), pieces(self.history.intervals_of(key))
        found = 0
        for begin in sorted({instant for each in (*before, *after) for instant in (each.begin, each.end)}):
            was, now = _at(before, begin), _at(after, begin)
            if (was and was[2:]) == (now and now[2:]):
                continue
            if was is None or now is None or was.told != now.told:
                return self.questions.all
            found |= self.questions.document(was.document) | self.questions.document(now.document)
        return found


def _at(found: Iterable[Piece], instant: datetime) -> Piece | None:
    return next((each for each in found if each.begin <= instant < each.end), None)
