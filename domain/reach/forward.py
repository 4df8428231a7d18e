"""What a principal can reach: each other principal once, by a shortest path."""

from __future__ import annotations

from erstwhile.domain.reach.edges import Edge
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import Path, Reach
from erstwhile.domain.reach.ways import Ways


def reachable(ways: Ways, source: str, steps: int, limit: int) -> Reach:
    """A shortest path of at most so many steps to each principal that there is one to. Nothing is looked for beyond an
    administrator: all of its account is its own. Raises MalformedArn, UnknownPrincipal."""
    start = Node(source)
    met = {start: 0}
    found: list[Path] = []
    level: list[tuple[Node, tuple[Edge, ...]]] = [(start, ())]
    administrators: list[Node] = []
    for _ in range(steps):
        following: list[tuple[Node, tuple[Edge, ...]]] = []
        for node, walked in level:
            if ways.is_administrator(node):
                administrators.append(node)
                continue
            for each in sorted(ways.out_of(node), key=lambda edge: edge.order):
                if each.target in met:
                    continue
                if len(found) >= limit:
                    return Reach(tuple(found), met, tuple(administrators), is_cut=True)
                met[each.target] = len(walked) + 1
                found.append(Path((*walked, each)))
                following.append((each.target, (*walked, each)))
        level = following
    administrators += [node for node, _ in level if ways.is_administrator(node)]
    return Reach(tuple(found), met, tuple(administrators))
