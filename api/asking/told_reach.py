"""Paths, cuts and leads as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erstwhile.api.asking.answers import decision_json
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.reach.cuts import Cut
from erstwhile.domain.reach.edges import Edge, proofs
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.reach.questions import Questions

_CHAINED = "a session of a role that another role's session assumed lasts an hour at most"


def path_json(questions: Questions, path: Path) -> dict[str, Any]:
    """A path with its edges, and what each of them rests on."""
    return {
        "source": path.source.text,
        "target": path.target.text,
        "how": path.how,
        "edges": [edge_json(questions, each) for each in path.edges],
        "notes": [_CHAINED] if path.is_chained else [],
    }


def edge_json(questions: Questions, edge: Edge) -> dict[str, Any]:
    found = list(proofs(questions, edge))
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
