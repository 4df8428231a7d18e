# mypyc: compiled
"""Caches responses of reading calls: an equal request of the same caller gets the same bytes until the Directory
changes, with a new request id.

A response is cached only if it depends on caller, request and Directory alone: not on a session, on a condition about
the connection or the clock, or on a table outside the event log.
"""

from __future__ import annotations

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.aws.access.permissions import FREE
from erstwhile.api.aws.access.resource import resource_of
from erstwhile.api.aws.wire.reading import is_reading
from erstwhile.domain.policy.authorize import is_context_free
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.bounded import Bounded

MAX_ANSWERS = 20_000
_READS_TABLES = frozenset(("GetAccountSummary",))
"""Reading operations that read tables outside the log."""

Answer = tuple[bytes, bytes]
"""A cached response: the bytes before and after the request id."""


class ReadAnswers:
    """Cached responses, all for the same position of the log."""

    def __init__(self) -> None:
        self._position = -1
        self._answers: Bounded[tuple[str, bytes], Answer] = Bounded(MAX_ANSWERS)

    def find(self, identity: Identity, words: bytes, position: int) -> Answer | None:
        if position != self._position or identity.session is not None:
            return None
        return self._answers.entries.get((identity.arn, words))

    def keep(self, call: Call, words: bytes, position: int, body: bytes, request_id: str) -> None:
        """Caches the response of a call that was allowed at log position `position`."""
        if not _is_lasting(call, words):
            return
        if position != self._position:
            self._answers.clear()
            self._position = position
        begin, _, end = body.partition(request_id.encode())
        self._answers.keep((call.identity.arn, words), (begin, end))


def _is_lasting(call: Call, words: bytes) -> bool:
    if call.identity.session is not None or not is_reading(words) or call.operation in _READS_TABLES:
        return False
    if call.operation in FREE:
        return True
    request = Request(
        principal=call.identity.arn, action=f"{call.service}:{call.operation}", resource=resource_of(call)
    )
    return is_context_free(call.directory, request)
