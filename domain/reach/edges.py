"""An edge: a source that may take an opening, as the engine decides it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.questions import RANK, How, Proof, Questions


class Edge(msgspec.Struct, frozen=True):
    """`how`: allow, or conditional. `found`: the resource of each of the opening's asks. `access`: where the opening
    raises its target, the edge by which the source becomes that target, if it is not the source itself."""

    source: Node
    target: Node
    opening: Opening
    how: How
    found: tuple[str, ...]
    access: Edge | None = None

    @property
    def family(self) -> str:
        """The id of its family; of two, where it needs both."""
        return self.opening.family.id if self.access is None else f"{self.opening.family.id}+{self.access.family}"

    @property
    def is_rise(self) -> bool:
        """Whether it raises the principal itself."""
        return self.source.principal == self.target.principal

    @property
    def terms(self) -> tuple[str, ...]:
        """Its conditions that no policy says."""
        more = () if self.access is None else self.access.terms
        return (*self.opening.terms, *more)

    @property
    def actions(self) -> tuple[str, ...]:
        """What the source needs for it."""
        own = tuple(action for each in self.opening.asks for action in each.actions)
        return own if self.access is None else (*own, *self.access.actions)

    @property
    def order(self) -> tuple[int, str, str, str]:
        return (-RANK[self.how], self.source.text, self.target.text, self.family)


class Asked(msgspec.Struct, frozen=True):
    """What the engine said: `how` may be unknown, or deny."""

    how: How
    found: tuple[str, ...] = ()


_DENIED = Asked("deny")


def ask(questions: Questions, source: Node, opening: Opening) -> Asked:
    """Whether a source may take an opening. Raises MalformedArn, UnknownPrincipal."""
    if source.principal == opening.target.principal and opening.raised is None:
        return _DENIED
    worst = opening.trusts
    if opening.terms and RANK[worst] > RANK["conditional"]:
        worst = "conditional"
    if not opening.crosses_accounts and questions.side(source).caller.account != opening.account:
        return _DENIED
    found: list[str] = []
    for each in opening.asks:
        best = questions.best(source, each)
        if RANK[best.how] < RANK[worst]:
            worst = best.how
        if worst == "deny":
            return _DENIED
        found.append(best.resource)
    if opening.family.kind == "trust":
        after = questions.after_trust(source, opening.target.principal)
        if RANK[after] < RANK[worst]:
            worst = after
    return Asked(worst, tuple(found)) if worst != "deny" else _DENIED


def edge(questions: Questions, source: Node, opening: Opening, access: Edge | None = None) -> Edge | None:
    """The edge of a source that may take an opening, perhaps under conditions; else None."""
    asked = ask(questions, source, opening)
    if asked.how not in ("allow", "conditional"):
        return None
    how = asked.how if access is None or RANK[access.how] >= RANK[asked.how] else access.how
    return Edge(source, opening.target, opening, how, asked.found, access)


def proofs(questions: Questions, edge: Edge) -> Iterator[Proof]:
    """The decisions that an edge rests on: what the source may, and whom the target trusts."""
    opening = edge.opening
    for each, resource in zip(opening.asks, edge.found, strict=True):
        yield from questions.proofs(edge.source, each, resource)
    if opening.trust is not None:
        yield from questions.proofs(Node(opening.family.trusted), opening.trust, opening.trust.resource)
    if edge.access is not None:
        yield from proofs(questions, edge.access)


class Proved:
    """The decisions behind edges of one Directory, each found once."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._kept: dict[int, tuple[Edge, list[Proof]]] = {}

    def of(self, edge: Edge) -> list[Proof]:
        kept = self._kept.get(id(edge))
        if kept is None:
            # The edge is kept with them: as long as it lives, no other has its id.
            kept = self._kept[id(edge)] = (edge, list(proofs(self._questions, edge)))
        return kept[1]
