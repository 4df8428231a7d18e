"""Answers that are still true: a question that was asked before, word for word, is answered with the same bytes
until the Directory changes.

An answer is kept only when neither the instant nor anything outside question and Directory has a say in it.
"""

from __future__ import annotations

from erstwhile.api.http.authzen.bodies import Evaluation, request_of
from erstwhile.api.service import Service
from erstwhile.domain.vocabulary.bounded import Bounded

MAX_ANSWERS = 20_000
MAX_QUESTION = 4_096
"""Bytes of a question that is kept."""


class EvaluationAnswers:
    """By the question's bytes, all of one position of the log."""

    def __init__(self) -> None:
        self._position = -1
        self._answers: Bounded[bytes, bytes] = Bounded(MAX_ANSWERS)

    def find(self, question: bytes, service: Service) -> bytes | None:
        return self._answers.entries.get(question) if service.position == self._position else None

    def keep(self, question: bytes, answer: bytes, asked: Evaluation, position: int, service: Service) -> None:
        """Keeps an answer that was given since the log was at `position`."""
        if service.current is None or len(question) > MAX_QUESTION:
            return
        directory = service.current.directory
        if not service.current.is_lasting(request_of(service.names, directory, asked, service.clock())):
            return
        if service.position != position:
            return  # an event came meanwhile: nobody knows before or after which the answer was given
        if position != self._position:
            self._answers.clear()
            self._position = position
        self._answers.keep(question, answer)
