"""A path to administrator opened: between two states that follow each other, `domain/reach` finds the paths of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from erstwhile.domain.detections.catalogue import ESCALATION
from erstwhile.domain.detections.finding import Finding
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.reach.changes import ChangedPath, Changes, only_in
from erstwhile.domain.reach.paths import Path, Reach, paths_to_administrator
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.identifiers import account_in

STEPS = 3
MOST_PATHS = 1_000
"""Paths of one state that are compared."""


def _nothing() -> None:
    """Looks at nothing."""


def opened_paths(
    history: FactHistory,
    instants: Iterable[tuple[datetime, Sequence[int]]],
    account: str = "",
    look: Callable[[], None] = _nothing,
) -> Iterator[Finding]:
    """A finding for each principal from which paths to administrator opened at an instant. `instants`: in order, those
    at which an event may have opened one, with the positions of these events; `look` is called before each decision and
    may end the question by an exception."""
    before: Reach | None = None
    for at, positions in instants:
        if before is None:
            before = _reach(Ways(directory_at(history, at - TICK), look), account)
        ways = Ways(directory_at(history, at), look)
        after = _reach(ways, account)
        yield from _opened(Changes(history, at - TICK, at), ways, before, after, at, positions)
        before = after


def _reach(ways: Ways, account: str) -> Reach:
    return paths_to_administrator(ways, STEPS, MOST_PATHS, account)


def _opened(
    changes: Changes, ways: Ways, before: Reach, after: Reach, at: datetime, positions: Sequence[int]
) -> Iterator[Finding]:
    # An administrator has no path to it: one that is an administrator no more had all before.
    were = set(before.administrators)
    of: dict[str, list[Path]] = {}
    for path in only_in(after.paths, before.paths):
        if path.source not in were:
            of.setdefault(path.source.principal, []).append(path)
    for principal, paths in of.items():
        shortest = min(paths, key=lambda each: (each.how != "allow", len(each.edges), each.key))
        changed = changes.of(shortest, before.paths, ways.questions, True)
        yield _finding(principal, shortest, changed, len(paths), at, positions, before.is_cut or after.is_cut)


def _finding(
    principal: str, path: Path, changed: ChangedPath, count: int, at: datetime, positions: Sequence[int], is_cut: bool
) -> Finding:
    is_sure = path.how == "allow"
    steps = " → ".join((principal, *(f"{each.family} {each.target.text}" for each in path.edges)))
    because = [] if is_sure else ["a condition of a step decides, which no record settles"]
    if is_cut:
        because.append(f"more than {MOST_PATHS:,} paths were there: this one may be older")
    causes = [each.position for each in changed.causes if each.position in positions]
    return Finding(
        kind=ESCALATION, severity="high" if is_sure else "medium", at=at, account=_account(principal, path),
        subject=principal, position=max(causes or positions), what=_what(steps, count),
        certainty="possible" if is_cut else "certain" if is_sure else "conditional", because=tuple(because),
        privileges=tuple(dict.fromkeys(action for each in path.edges for action in each.actions)),
    )  # fmt: skip


def _what(steps: str, count: int) -> str:
    return f"a path to administrator opened: {steps}" + (f"; and {count - 1} more from there" if count > 1 else "")


def _account(principal: str, path: Path) -> str:
    return account_in(principal) or account_in(path.target.principal)
