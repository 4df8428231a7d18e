"""A window replayed: its events one after the other, each with whose access it changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from erstwhile.api.asking.over_time.ground import Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.told_differences import differences_json
from erstwhile.api.asking.over_time.whom import find_named
from erstwhile.api.asking.questions import require_account
from erstwhile.domain.history.effect import Effect
from erstwhile.domain.history.replayed import replayed
from erstwhile.domain.vocabulary.instants import format_instant


class ReplayQuestions(Grounded):
    """Over a window."""

    @contextmanager
    def replay(
        self,
        words: WindowWords,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
        all_events: bool = False,
    ) -> Iterator[Pieces]:
        """Each event that changed access; with `all_events`, those too that changed none. Raises Problem."""
        with self.ground(words, stop) as ground:
            require_account(ground.last_directory(), account)
            named = None
            if principal is not None:
                named = find_named(ground.connection, ground.history, principal, ground.window)
            asked = named.asked if named is not None else None
            window, counts = ground.window, {"events": 0}

            def steps() -> Iterator[dict[str, Any]]:
                for at, effect in replayed(ground.history, window.begin, window.end, principal=asked, account=account):
                    counts["events"] += 1
                    step = _step(ground.telling, at, effect)
                    if all_events or step["differences"] or step["unclear"]:
                        yield step

            head = head_of(ground, {"principal": named.principal if named is not None else None, "account": account})
            yield Pieces(head, "steps", steps(), lambda: {**counts, "notes": list(window.notes)})


def _step(telling: Telling, at: datetime, effect: Effect) -> dict[str, Any]:
    telling.events.read([effect.position])
    found = effect.difference
    return {
        "at": format_instant(at),
        "position": effect.position,
        "event": telling.events.get(effect.position),
        "changes": telling.changes(effect.changes),
        "differences": [] if found is None else list(differences_json(telling.events, found)),
        "unclear": [] if found is None else list(found.unclear),
    }
