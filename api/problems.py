"""Problems: what went wrong with a request, in words for people and codes for programs (RFC 9457)."""

from __future__ import annotations


class Problem(Exception):
    """A request that cannot be answered. `status` is HTTP's, `code` a stable name."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def bad_request(code: str, detail: str) -> Problem:
    return Problem(400, code, detail)


def not_found(code: str, detail: str) -> Problem:
    return Problem(404, code, detail)
