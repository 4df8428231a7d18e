"""Which paths to administrator close where something goes that nobody used: by the cuts of `domain/reach`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.least_privilege.unused import Unused
from erstwhile.domain.reach.cuts import cuts
from erstwhile.domain.reach.paths import paths_to_administrator
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.identifiers import account_in

MOST_PATHS = 1_000
"""Paths that are looked at, the shortest first."""
_STEPS = 3
_MOST_CUTS = 100_000


class ClosedPaths:
    """Of the paths to administrator that a Directory has, in three steps at most."""

    def __init__(self, directory: Directory, look: Callable[[], None]) -> None:
        """`look` is called before each decision; it may end the question by an exception."""
        ways = Ways(directory, look)
        reach = paths_to_administrator(ways, _STEPS, MOST_PATHS)
        self.is_cut = reach.is_cut
        """Whether there are more paths than are looked at."""
        self._directory = directory
        self._meeting: dict[str, BitMap] = {}
        for place, path in enumerate(reach.paths):
            for edge in path.edges:
                for node in (edge.source, edge.target):
                    self._meeting.setdefault(node.principal, BitMap()).add(place)
        self._closed = {
            (each.removal.policy, each.removal.statement, each.removal.holder, each.removal.account): len(each.closes)
            for each in cuts(ways.questions, reach.paths, _MOST_CUTS)
            if each.removal.what == "statement"
        }

    def by(self, unused: Unused) -> int:
        """How many of the paths close where it goes: all that meet a user, role or permission set, and those that rest
        on a statement. Of a single action, of a key or password it is not told: 0."""
        if unused.kind in ("user", "role", "permission set"):
            return len(self._on(unused.principals))
        if unused.kind == "statement":
            holder, account = "", ""
            if unused.holder:
                # As reach's answers write it: user/ada, group/staff.
                entity = self._directory.with_arn(unused.holder)
                holder, account = (f"{entity.kind}/{entity.name}" if entity else ""), account_in(unused.holder)
            return self._closed.get((unused.policy, unused.statement, holder, account), 0)
        return 0

    def _on(self, principals: Iterable[str]) -> BitMap:
        return BitMap.union(BitMap(), *(self._meeting.get(each, BitMap()) for each in principals))
