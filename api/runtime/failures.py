"""What the threads of a server last failed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from erstwhile.api.runtime.following import FollowingRuntime


class Failing(Protocol):
    """A thread that goes on after a failure. `failure`: what its last round ended with, if it failed."""

    failure: BaseException | None


def failures(runtime: FollowingRuntime, decision_log: Failing | None) -> dict[str, BaseException | None]:
    """By the thread's name; `decision_log`: where decisions are recorded."""
    threads: dict[str, Failing | None] = {
        "projector": runtime.projecting,
        "watches": runtime.watching,
        "ledger": runtime.keeping_ledger,
        "decision_log": decision_log,
    }
    found = {name: thread.failure for name, thread in threads.items() if thread is not None}
    return {"follower": runtime.current.failure, **found}
