"""What the threads of a server last failed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erstwhile.api.runtime.following import FollowingRuntime


def failures(runtime: FollowingRuntime) -> dict[str, BaseException | None]:
    """By the thread's name: of the one that follows the log, and of those that work in rounds."""
    return {"follower": runtime.current.failure, **runtime.background.failures()}
