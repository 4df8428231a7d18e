"""Who could ever, and whether nobody ever could."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.over_time.ground import Ground, Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import windows
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.told_holders import holders_json
from erstwhile.api.asking.over_time.whom import find_named
from erstwhile.api.asking.over_time.written_periods import holders_written
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.history.ever import MOST_STATES, Ever, EverFound, find_ever, never
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.vocabulary.context_values import ContextValues


class EverQuestions(Grounded):
    """Over a window."""

    @contextmanager
    def ever(
        self,
        action: str,
        resource: str,
        words: WindowWords,
        stop: Stop,
        *,
        account: str | None = None,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> Iterator[Pieces]:
        """Who could at any time of a window, from when to when, and for how long in all. Raises Problem, TooMuch."""
        with self._ever(action, resource, words, stop, account, resource_account, context) as (head, found, notes):
            yield Pieces(
                head, "holders", _told(found), lambda: _looked_at(found.rest) | {"notes": notes},
                lambda: holders_written(found),
            )  # fmt: skip

    @contextmanager
    def never(
        self,
        action: str,
        resource: str,
        words: WindowWords,
        stop: Stop,
        *,
        excepting: Sequence[str] = (),
        account: str | None = None,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> Iterator[Pieces]:
        """Whether nobody could at any time of a window, but for some; and whoever could. Raises Problem, TooMuch."""
        with self._ever(action, resource, words, stop, account, resource_account, context, excepting) as (
            head,
            found,
            notes,
        ):
            proof = never(found.whole(), head["excepting"])
            head |= {"holds": proof.holds, "is_sure": proof.is_sure}
            shown = holders_json(proof.ever)
            yield Pieces(head, "holders", shown, lambda: _looked_at(found.rest) | {"notes": notes})

    @contextmanager
    def _ever(
        self,
        action: str,
        resource: str,
        words: WindowWords,
        stop: Stop,
        account: str | None,
        resource_account: str | None,
        context: ContextValues | None,
        excepting: Sequence[str] | None = None,
    ) -> Iterator[tuple[dict[str, Any], EverFound, list[str]]]:
        require_action(action)
        with self.ground(words, stop) as ground:
            directory = ground.last_directory()
            require_existing(directory, self.names, action)
            require_account(directory, account)
            asked = require_resource(directory, self.names, resource, resource_account)
            if is_pattern(asked.resource):
                raise bad_request("resource_pattern", f"{resource!r} stands for many: ask about one, or about *")
            excepted = [excepted_principal(ground, each) for each in excepting or ()]
            accounts = [account] if account else directory.accounts()
            gaps = [gap for each in accounts for gap in self.times_without_records(ground, directory, each)]
            request = Request(
                principal="", action=action, resource=asked.resource, resource_account=asked.account,
                context=context or {}, mode="discover",
            )  # fmt: skip
            window = ground.window
            found = find_ever(ground.history, request, window.begin, window.end, account, gaps, MOST_STATES)
            head = head_of(ground, {"action": action, "resource": asked.resource, "account": account})
            head |= {} if excepting is None else {"excepting": excepted}
            yield head, found, [*ground.window.notes, *asked.notes]


def excepted_principal(ground: Ground, words: str) -> str:
    """The unique id of a principal that may, or its ARN: that of another account is taken as it is. Raises Problem."""
    try:
        found = find_named(ground.connection, ground.history, words, ground.window)
    except Problem as problem:
        if problem.status != 404 or not words.startswith("arn:") or problem.members.get("existed"):
            raise
        return words
    return found.unique_id or found.principal


def _told(found: EverFound) -> Iterator[dict[str, Any]]:
    yield from holders_json(found.whole())


def _looked_at(found: Ever) -> dict[str, Any]:
    """What the answer rests on: how many principals, how many states between changes, and the times without records."""
    return {"principals": found.principals, "states": found.states, "without_records": windows(found.gaps)}
