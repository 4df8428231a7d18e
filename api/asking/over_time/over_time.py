"""The questions about intervals of time. Each is a pure function of a history; here are its words and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.over_time.ever_questions import EverQuestions
from erstwhile.api.asking.over_time.finding_questions import FindingQuestions
from erstwhile.api.asking.over_time.ground import WindowWords, head_of
from erstwhile.api.asking.over_time.instant_questions import InstantQuestions
from erstwhile.api.asking.over_time.least_privilege_questions import LeastPrivilegeQuestions
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.replay_questions import ReplayQuestions
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.told_differences import differences_json
from erstwhile.api.asking.over_time.what_if_questions import WhatIfQuestions
from erstwhile.api.asking.over_time.whom import find_any, find_named, find_over
from erstwhile.api.asking.questions import require_account
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.timeline import question_of, spans_of
from erstwhile.domain.vocabulary.context_values import ContextValues


class OverTime(
    EverQuestions, FindingQuestions, InstantQuestions, LeastPrivilegeQuestions, ReplayQuestions, WhatIfQuestions
):
    """All of them. Any thread may ask. What a question returns may be read until the end of its block; `stop` ends it
    before."""

    @contextmanager
    def timeline(
        self,
        principal: str,
        action: str,
        resource: str,
        words: WindowWords,
        stop: Stop,
        *,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> Iterator[Pieces]:
        """The decision about a question over a window: intervals, and what changed it between them. Raises Problem."""
        require_action(action)
        with self.ground(words, stop) as ground:
            directory = ground.last_directory()
            require_existing(directory, self.names, action)
            asked = require_resource(directory, self.names, resource, resource_account)
            subject = find_over(ground.connection, ground.history, principal, ground.window)
            question = question_of(
                ground.history, subject.asked, action, asked.resource, context=context,
                resource_account=asked.account,
            )  # fmt: skip
            gaps = self.times_without_records(ground, directory, subject.account)
            spans = spans_of(question, ground.window.begin, ground.window.end, gaps)
            head = {"principal": subject.principal, "unique_id": subject.unique_id, "action": action,
                    "resource": asked.resource}  # fmt: skip
            yield Pieces(
                head_of(ground, head), "spans", ground.telling.spans(spans),
                lambda: {"notes": [*ground.window.notes, *asked.notes]},
            )  # fmt: skip

    @contextmanager
    def moments(self, what: str, words: WindowWords, stop: Stop) -> Iterator[Pieces]:
        """Each change of all that concerns a principal, group, policy, resource or account. Raises Problem."""
        with self.ground(words, stop) as ground:
            subject = find_any(ground.connection, ground.history, what, ground.window)
            steps = moments(ground.history, subject.asked, ground.window.begin, ground.window.end)
            head = {"of": subject.principal, "unique_id": subject.unique_id}
            yield Pieces(
                head_of(ground, head),
                "steps",
                ground.telling.steps(steps),
                lambda: {"notes": list(ground.window.notes)},
            )

    @contextmanager
    def diff(
        self,
        words: WindowWords,
        stop: Stop,
        *,
        principal: str | None = None,
        account: str | None = None,
        resource: str | None = None,
    ) -> Iterator[Pieces]:
        """What a principal, those of an account, or everybody may at the end of a window and not at its begin, and the
        other way round; on one resource, or on all. Raises Problem, TooMuch."""
        with self.ground(words, stop) as ground:
            asked, only = None, ""
            if principal is not None:
                named = find_named(ground.connection, ground.history, principal, ground.window)
                asked, only = named.principal, named.unique_id
            if account is not None:
                require_account(ground.last_directory(), account)
            on = None if resource is None else require_resource(ground.last_directory(), self.names, resource, None)
            found = diff(
                ground.history, ground.window.begin, ground.window.end, principal=asked, account=account,
                resource=None if on is None else on.resource,
            )  # fmt: skip
            items = differences_json(ground.telling.events, found)
            head = {"principal": asked, "account": account, "resource": None if on is None else on.resource}
            tail = {"unclear": list(found.unclear), "decided": found.decided, "notes": list(ground.window.notes)}
            try:
                yield Pieces(
                    head_of(ground, head), "differences", (each for each in items if only in ("", each["unique_id"])),
                    lambda: tail,
                )  # fmt: skip
            finally:
                if principal is None:
                    self.history.past.forget()
