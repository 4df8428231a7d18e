"""Events that cannot be applied are set apart: the others are replayed as if those had never come.

No release should write such an event; but the log is for ever, what it holds came from outside, and one event must
not stop all answers. Every fold sets the same ones apart, for applying depends on nothing but the events.
"""

from __future__ import annotations

from typing import Protocol


class _Placed(Protocol):
    @property
    def position(self) -> int: ...


class CannotApply(Exception):
    """An event cannot be applied; `reason` says why."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"event {position} {reason}")
        self.position = position
        self.reason = reason


class applying:
    """Turns any error of its block into CannotApply, with the event's position."""

    __slots__ = ("_event",)

    def __init__(self, event: _Placed) -> None:
        self._event = event

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, CannotApply):
            raise CannotApply(self._event.position, reason_of(error)) from error


def reason_of(error: BaseException) -> str:
    """What went wrong, in one line."""
    return f"{type(error).__name__}: {str(error) or 'no reason given'}".splitlines()[0][:500]
