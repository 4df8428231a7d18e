"""What changed of whose access: between two instants, and by one event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec

from erstwhile.api.asking.actions_and_resources import require_resource
from erstwhile.api.asking.long_questions.question import DiffQuestion, EffectQuestion, IsLong
from erstwhile.api.asking.moments import parse_known_at, parse_position
from erstwhile.api.asking.over_time.ground import Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_differences import differences_json
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.over_time.whom import find_named
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import bad_request
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.diff import ManyConcerned, diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.effect import effect_of
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.vocabulary.instants import format_instant

_NEITHER = "{} is there at neither instant, but in between: replay tells what it gained and lost"
_NO_ACCESS = "the event changed no fact on which access depends, or it only showed what was there before all records"


class DifferenceQuestions(Grounded):
    """What concerns many principals is answered elsewhere, where that can be."""

    def diff(
        self,
        words: WindowWords,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
        resource: str | None = None,
    ) -> AbstractContextManager[Pieces]:
        """What a principal, those of an account, or everybody may at the end of a window and not at its begin, and the
        other way round; on one resource, or on all. Raises Problem, TooMuch."""
        return self.answered(self._diff(words, stop, principal, account, resource), stop)

    def effect(self, position: str, known_at: str | None, stop: Stop) -> AbstractContextManager[Pieces]:
        """Whose access one event changed, and to what. Raises Problem, TooMuch."""
        return self.answered(self._effect(position, known_at, stop), stop)

    @contextmanager
    def _diff(
        self, words: WindowWords, stop: Stop, principal: str | None, account: str | None, resource: str | None
    ) -> Iterator[Pieces]:
        """Raises IsLong, too."""
        with self.ground(words, stop) as ground:
            window, named = ground.window, None
            if principal is not None:
                # The instant at which the window ends is compared, too.
                whole = msgspec.structs.replace(window, end=window.end + TICK)
                named = find_named(ground.connection, ground.history, principal, whole)
            only, notes = named.unique_id if named is not None else "", list(window.notes)
            if account is not None:
                require_account(ground.last_directory(), account)
            on = None if resource is None else require_resource(ground.last_directory(), self.names, resource, None)
            on_resource = None if on is None else on.resource
            try:
                try:
                    found = diff(
                        ground.history, window.begin, window.end, principal=named.asked if named is not None else None,
                        account=account, resource=on_resource, few=self.few,
                    )  # fmt: skip
                except UnknownPrincipal:
                    if named is None:
                        raise
                    # It lived in the window, or `find_named` had said so.
                    found = Diff(before=window.begin, after=window.end)
                    notes.append(_NEITHER.format(named.principal))
                except ManyConcerned:
                    begin, end = format_instant(window.begin), format_instant(window.end)
                    raise IsLong(
                        DiffQuestion(begin=begin, end=end, known_at=window.known_at, account=account, resource=resource)
                    ) from None
                items = differences_json(ground.telling.events, found)
                arn = named.principal if named is not None else None
                head = {"principal": arn, "account": account, "resource": on_resource}
                tail = {"unclear": list(found.unclear), "decided": found.decided, "notes": notes}
                yield Pieces(
                    head_of(ground, head), "differences", (each for each in items if only in ("", each["unique_id"])),
                    lambda: tail,
                )  # fmt: skip
            finally:
                if principal is None:
                    self.history.past.forget()

    @contextmanager
    def _effect(self, position: str, known_at: str | None, stop: Stop) -> Iterator[Pieces]:
        """Raises IsLong, too."""
        with self.history.connection() as connection:
            at = parse_position(connection, "the position", position)
            known = parse_known_at(connection, known_at)
            if known is None:
                known = EventLog.within(connection).head()
            if at > known:
                raise bad_request("beyond_known", f"the event {position} was recorded after known_at, which is {known}")
            self.history.wait_for(connection, known)
            history = stoppable(self.history.facts(known), stop)
            telling = Telling(history, ToldEvents(connection))
            telling.events.read([at])
            try:
                found = effect_of(history, at, few=self.few)
            except ManyConcerned:
                raise IsLong(EffectQuestion(position=at, known_at=known)) from None
            head = {
                "position": at, "known_at": known, "revision": known, "event": telling.events.get(at),
                "changes": telling.changes(found.changes),
            }  # fmt: skip
            difference = found.difference
            tail: dict[str, Any] = {"unclear": [], "decided": 0, "notes": [_NO_ACCESS]}
            if difference is not None:
                tail = {"unclear": list(difference.unclear), "decided": difference.decided, "notes": []}
            items = iter(()) if difference is None else differences_json(telling.events, difference)
            yield Pieces(head, "differences", items, lambda: tail)
