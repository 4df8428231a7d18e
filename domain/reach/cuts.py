"""Which single removals close most paths: of a statement, or of an attachment, or of a membership of a group.

A removal closes an edge if the engine, asked without what is removed, allows one of its needs no longer. What is closed
are paths of the answer: where these are all paths, a removal that closes all of them closes the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
import orjson
from pyroaring import BitMap

from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.document import parse_document
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.edges import Edge, Proved
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import Path
from erstwhile.domain.reach.questions import Proof, Questions
from erstwhile.domain.reach.sides import ANY_POLICY, with_sources
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, account_in, policy_account

MAX_CUTS = 10
"""Removals that an answer names."""


class Removal(msgspec.Struct, frozen=True, order=True):
    """`statement`: which; -1: the policy goes as a whole. `holder`: from whom it goes, for an attachment or
    an inline policy (`user/ada`, `group/staff`); '' where the statement goes for all that have the policy."""

    what: Literal["statement", "attachment", "trust"]
    policy: str
    statement: int = -1
    sid: str = ""
    holder: str = ""
    account: str = ""
    """The holder's."""

    @property
    def words(self) -> str:
        named = f"statement {self.statement}" + (f" ({self.sid})" if self.sid else "")
        if self.what == "attachment":
            return f"{self.policy} from {self.holder}"
        if self.what == "trust":
            return f"{named} from the trust of {self.holder}"
        return f"{named} from {self.policy}" + (f" of {self.holder}" if self.holder else "")


class Cut(msgspec.Struct, frozen=True):
    """A removal, and the paths (by their places) that it closes."""

    removal: Removal
    closes: BitMap


def cuts(questions: Questions, paths: Iterable[Path], most: int = MAX_CUTS, proved: Proved | None = None) -> list[Cut]:
    """The removals that close most of these paths, the best first. `proved`: the decisions behind their edges, as far
    as they were found before."""
    edges: dict[int, Edge] = {}
    places: dict[int, list[int]] = {}
    for place, path in enumerate(paths):
        for edge in path.edges:
            edges[id(edge)] = edge
            places.setdefault(id(edge), []).append(place)
    bitmaps = [(edge, BitMap(places[key])) for key, edge in edges.items()]
    return best_cuts(questions, bitmaps, most, proved or Proved(questions))


def best_cuts(questions: Questions, edges: Iterable[tuple[Edge, BitMap]], most: int, proved: Proved) -> list[Cut]:
    """The same, of edges and the places of the paths on which each of them is."""
    return _Cuts(questions, edges, proved).best(most)


class _Cuts:
    def __init__(self, questions: Questions, edges: Iterable[tuple[Edge, BitMap]], proved: Proved) -> None:
        self._questions = questions
        self._proved = proved
        self._edges = list(edges)
        self._sides: dict[tuple[Removal, Node], CallerSide] = {}

    def best(self, most: int) -> list[Cut]:
        concerned: dict[Removal, list[int]] = {}
        for number, (edge, _) in enumerate(self._edges):
            for removal in self._removals(edge):
                concerned.setdefault(removal, []).append(number)
        at_most = {removal: len(self._paths_on(numbers)) for removal, numbers in concerned.items()}
        found: list[Cut] = []
        # Those that may close most are tried first: the rest need not be tried once these close more than it may.
        for removal in sorted(at_most, key=lambda each: (-at_most[each], each)):
            if len(found) >= most and at_most[removal] < len(found[most - 1].closes):
                break
            closed = self._paths_on(each for each in concerned[removal] if self._closes(removal, self._edges[each][0]))
            if closed:
                found.append(Cut(removal, closed))
                found.sort(key=lambda cut: (-len(cut.closes), cut.removal))
        return found[:most]

    def _paths_on(self, numbers: Iterable[int]) -> BitMap:
        """The places of the paths on which some of these edges are."""
        return BitMap.union(BitMap(), *(self._edges[each][1] for each in numbers))

    def _removals(self, edge: Edge) -> dict[Removal, None]:
        """What could be removed of the statements that allow an edge."""
        found: dict[Removal, None] = {}
        for proof in self._proved.of(edge):
            for each in proof.decision.determining:
                if each.effect == "Allow":
                    found.update(dict.fromkeys(_removals_of(each, proof)))
        return found

    def _closes(self, removal: Removal, edge: Edge) -> bool:
        return any(
            _concerns(removal, proof) and not self._still_allows(removal, edge, proof)
            for proof in self._proved.of(edge)
        )

    def _still_allows(self, removal: Removal, edge: Edge, proof: Proof) -> bool:
        """What the engine says of one need without what is removed."""
        questions = self._questions
        node = edge.source if proof.principal == edge.source.principal else Node(proof.principal)
        opening = edge.opening
        asks = (*opening.asks, *((opening.trust,) if opening.trust is not None else ()))
        given = next((each for each in asks if proof.action in each.actions), None)
        ask = given if given is not None else Ask((proof.action,), proof.resource)
        request = questions.request(node, proof.action, proof.resource, ask)
        side = questions.side(node)
        target = questions.engine.target(request, side.caller.account)
        if removal.what == "trust":
            if target.policy is not None:
                kept = (_without(source, removal) for source in target.policy.sources)
                policy = questions.engine.policies.layer("resource", [each for each in kept if each is not None])
                target = ResourceSide(
                    target.owner, policy, target.rcp, target.vpc_endpoint, target.keys, target.is_common
                )
        else:
            side = self._side_without(removal, node, side)
        return evaluate(request, side, target).effect in ("allow", "conditional")

    def _side_without(self, removal: Removal, node: Node, side: CallerSide) -> CallerSide:
        found = self._sides.get((removal, node))
        if found is None:
            found = with_sources(self._questions.engine, side, lambda source: _without(source, removal))
            self._sides[removal, node] = found
        return found


def _removals_of(each: Determining, proof: Proof) -> Iterator[Removal]:
    if each.layer == "resource":
        holder = proof.resource
        what: Literal["trust", "statement"] = "trust" if ":role/" in holder else "statement"
        yield Removal(what, each.policy, each.statement, each.sid, holder, account_in(holder))
    elif each.layer == "identity" and each.policy != ANY_POLICY:
        account = account_in(proof.principal)
        holder = each.path[-2] if len(each.path) > 1 else ""
        yield Removal("attachment", each.policy, holder=holder, account=account)
        if each.policy.startswith("inline:"):
            yield Removal("statement", each.policy, each.statement, each.sid, holder, account)
        elif policy_account(each.policy) != AWS_MANAGED:  # AWS alone changes its own
            yield Removal("statement", each.policy, each.statement, each.sid)
        if len(each.path) > 2:
            yield Removal("attachment", each.path[1], holder=each.path[0], account=account)


def _concerns(removal: Removal, proof: Proof) -> bool:
    """Whether a decision rests on what is removed."""
    return any(removal in _removals_of(each, proof) for each in proof.decision.determining if each.effect == "Allow")


def _without(source: Source, removal: Removal) -> Source | None:
    """A policy without what is removed; None where it goes as a whole."""
    if removal.what == "attachment":
        is_membership = removal.policy.startswith("group/") and source.path[:2] == (removal.holder, removal.policy)
        is_attachment = source.policy == removal.policy and source.path[-2:-1] == (removal.holder,)
        return None if is_membership or is_attachment else source
    if source.policy != removal.policy or source.document is None:
        return source
    if removal.what == "statement" and removal.holder and source.path[-2:-1] != (removal.holder,):
        return source
    statements = orjson.loads(source.document)["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    kept = [each for place, each in enumerate(listed) if place != removal.statement]
    version = parse_document(source.document).version
    text = orjson.dumps({"Version": version, "Statement": kept}).decode()
    return Source(
        source.policy, source.version, text, source.path, source.granted_by, source.defined_by, source.saved, source.why
    )
