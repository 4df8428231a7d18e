"""Problems: what went wrong with a request, in words for people and codes for programs (RFC 9457)."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """A request that cannot be answered. `status` is HTTP's, `code` a stable name; `members` are for
    programs; `headers` stand in the answer."""

    def __init__(self, status: int, code: str, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members
        self.headers: dict[str, str] = {}
        self.status = status
        self.code = code
        self.detail = detail


def bad_request(code: str, detail: str) -> Problem:
    return Problem(400, code, detail)


def not_found(code: str, detail: str, **members: Any) -> Problem:
    return Problem(404, code, detail, **members)
