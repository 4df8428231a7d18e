"""The questions about intervals of time. Each is a pure function of a history; here are its words and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.over_time.difference_questions import DifferenceQuestions
from erstwhile.api.asking.over_time.ever_questions import EverQuestions
from erstwhile.api.asking.over_time.finding_questions import FindingQuestions
from erstwhile.api.asking.over_time.ground import WindowWords, head_of
from erstwhile.api.asking.over_time.instant_questions import InstantQuestions
from erstwhile.api.asking.over_time.least_privilege_questions import LeastPrivilegeQuestions
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.replay_questions import ReplayQuestions
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.what_if_questions import WhatIfQuestions
from erstwhile.api.asking.over_time.whom import find_any, find_over
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.timeline import question_of, spans_of
from erstwhile.domain.vocabulary.context_values import ContextValues


class OverTime(
    DifferenceQuestions, EverQuestions, FindingQuestions, InstantQuestions, LeastPrivilegeQuestions, ReplayQuestions,
    WhatIfQuestions,
):  # fmt: skip
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
