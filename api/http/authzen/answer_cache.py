"""Answers that are still true: a question that was asked before, word for word, is answered with the same bytes
until the Directory changes.

An answer is kept only when neither the instant nor anything outside question and Directory has a say in it.
"""

from __future__ import annotations

from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.current import CurrentDirectory

MAX_ANSWERS = 20_000
MAX_QUESTION = 4_096
"""Bytes of a question that is kept."""


class EvaluationAnswers:
    """By the question's bytes, all of one position of the log."""

    def __init__(self) -> None:
        self._position = -1
        self._answers: Bounded[bytes, bytes] = Bounded(MAX_ANSWERS)

    def find(self, question: bytes, position: int) -> bytes | None:
        """The answer that was kept at this position of the log."""
        return self._answers.entries.get(question) if position == self._position else None

    def keep(self, question: bytes, answer: bytes, request: Request, position: int, current: CurrentDirectory) -> None:
        """Keeps the answer to a request that was given since the log was at `position`."""
        if len(question) > MAX_QUESTION or not current.is_lasting(request):
            return
        if current.position != position:
            return  # an event came meanwhile: the answer may be from before it, or from after
        if position != self._position:
            self._answers.clear()
            self._position = position
        self._answers.keep(question, answer)
