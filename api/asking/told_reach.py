"""Paths, cuts and leads as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from erstwhile.api.asking.answers import decision_json
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.reach.cuts import Cut
from erstwhile.domain.reach.edges import Edge, Proved
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.path_table import PathTable
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.reach.questions import Proof

_CHAINED = "a session of a role that another role's session assumed lasts an hour at most"


class ToldEdges:
    """The edges of one Directory as answers have them. Paths share edges: each is written once, and stands in the
    answer as often as there is a path on it."""

    def __init__(self, proved: Proved) -> None:
        self._proved = proved
        self._told: dict[int, tuple[Edge, dict[str, Any]]] = {}

    def path(self, path: Path) -> dict[str, Any]:
        """A path with its edges, and what each of them rests on."""
        return {
            "source": path.source.text,
            "target": path.target.text,
            "how": path.how,
            "edges": [self.edge(each) for each in path.edges],
            "notes": [_CHAINED] if path.is_chained else [],
        }

    def edge(self, edge: Edge) -> dict[str, Any]:
        told = self._told.get(id(edge))
        if told is None:
            # The edge is kept with it: as long as it lives, no other has its id.
            told = self._told[id(edge)] = (edge, _edge_json(edge, self._proved.of(edge)))
        return told[1]


def _edge_json(edge: Edge, found: list[Proof]) -> dict[str, Any]:
    family = edge.opening.family
    return {
        "source": edge.source.text,
        "target": edge.target.text,
        "family": edge.family,
        "yields": family.yields,
        "page": family.source,
        "how": edge.how,
        "runs_as_role": {"granted_by": edge.opening.since} if edge.opening.since else None,
        "conditions": list(dict.fromkeys((*edge.terms, *(word for each in found for word in _words(each.decision))))),
        "proofs": [
            {"principal": each.principal, "action": each.action, "resource": each.resource,
             **decision_json(each.decision)}
            for each in found
        ],
    }  # fmt: skip


def _words(decision: Decision) -> Iterator[str]:
    """On what a decision depends, in words."""
    told = set()
    for each in decision.residual:
        told.add(each.key.lower())
        word = "only if" if each.effect == "Allow" else "not if"
        yield f"{word} {each.operator} {each.key} {', '.join(each.values)}"
    yield from (f"depends on {key}" for key in decision.missing_context if key.lower() not in told)
    yield from decision.unknown


def table_json(told: ToldEdges, table: PathTable) -> dict[str, Any]:
    """Each edge once; each path as the places of its edges among these."""
    import numpy as np

    written = []
    for length, numbers in sorted(table.by_length.items()):
        rows = np.frombuffer(numbers, dtype=np.uint32).reshape(-1, length)
        written.append(orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1])
    return {
        "edges": [told.edge(each) for each in table.edges],
        "paths": orjson.Fragment(b"[" + b",".join(written) + b"]"),
        "count": table.count,
    }


def cut_json(cut: Cut, of: int) -> dict[str, Any]:
    return {
        "what": cut.removal.what,
        "words": cut.removal.words,
        "policy": cut.removal.policy,
        "statement": cut.removal.statement if cut.removal.statement >= 0 else None,
        "holder": cut.removal.holder,
        "account": cut.removal.account,
        "closes": len(cut.closes),
        "of": of,
    }


def lead_json(opening: Opening) -> dict[str, Any]:
    return {"family": opening.family.id, "yields": opening.family.yields, "target": opening.target.text}
