"""The edges of one Directory, into a principal and out of it. They are decided when they are asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.principals import find_principal
from erstwhile.domain.reach.administrators import Administrators
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.catalogue.families import BECOMING, MAKING, RAISING
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.edges import Edge, edge
from erstwhile.domain.reach.gains import Gains
from erstwhile.domain.reach.making import Making, speaks
from erstwhile.domain.reach.nodes import Gain, Node
from erstwhile.domain.reach.openings import Opening, Openings, widest_asks
from erstwhile.domain.reach.outsiders import outsiders_of
from erstwhile.domain.reach.questions import Found, Questions
from erstwhile.domain.reach.sources import Sources
from erstwhile.domain.vocabulary.identifiers import account_in

MAX_RISES = 3
"""Gains of one principal, one after the other: a boundary less, a deny less, any policy."""


class Ways:
    """Make another when the Directory changed."""

    def __init__(self, directory: Directory, look: Callable[[], None] = lambda: None) -> None:
        """`look` is called before each decision; it may end the question by an exception."""
        self.directory = directory
        self.questions = Questions(directory, look)
        self.openings = Openings(self.questions)
        self.gains = Gains(directory)
        self.making = Making(self.questions)
        self.administrators = Administrators(self.questions)
        self._into: dict[tuple[Node, frozenset[Node]], tuple[Edge, ...]] = {}
        self._rises: dict[Node, tuple[Edge, ...]] | None = None
        self._plain: BitMap | None = None
        self._numbers: dict[frozenset[Node], BitMap] = {}
        self._made: list[Node] | None = None
        self._made_speaking: dict[tuple[str, ...], list[Node]] = {}

    @cached_property
    def sources(self) -> Sources:
        """All users and roles, and what they have: read when it is first asked for."""
        return Sources(self.questions)

    def entity(self, node: Node) -> Entity | None:
        """The user or role of a node; None for an outsider, and one that is not there yet. Raises MalformedArn,
        UnknownPrincipal."""
        return None if node.is_made else find_principal(self.directory, node.principal)

    def account(self, node: Node) -> str | None:
        """The account of a user or role, there already or made; None for an outsider. Raises MalformedArn,
        UnknownPrincipal."""
        if node.is_made:
            return account_in(node.principal)
        entity = self.entity(node)
        return None if entity is None else entity.account

    # Administrators.

    def is_administrator(self, node: Node) -> bool:
        """Whether a node is an administrator, perhaps under conditions."""
        account = self.account(node)
        if account is None or (node.gains and not self.administrators.may_join(node, account)):
            return False
        return self.administrators.how(node, account) in ("allow", "conditional")

    def plain_administrators(self) -> BitMap:
        """The numbers of the principals that are administrators by their own policies."""
        if self._plain is None:
            self._plain = BitMap()
            for account in self.directory.accounts():
                found = self.sources.of_account(account)
                for ask, _ in self.administrators.probes(account):
                    found = found & self.sources.speaking(ask.actions[0])
                acting = self.sources.acting(found)
                self._plain |= BitMap(
                    number for number, each in acting if self.is_administrator(self.sources.node(each))
                )
        return self._plain

    # Rises: what a principal can make of itself.

    def rises(self) -> dict[Node, tuple[Edge, ...]]:
        """Each principal with something gained by its own doing, and the edges by which it gained that last; and each
        that may be made, with the edges by which it is. An administrator needs none."""
        if self._rises is None:
            found: dict[Node, list[Edge]] = {}
            for _, each in self.sources.acting(self._may_raise() - self.plain_administrators()):
                self._rise(self.sources.node(each), each, found)
            makers = self.sources.nodes(self.sources.having_all_of_one(MAKING) - self.plain_administrators())
            self.make(dict.fromkeys((*makers, *(each.plain for each in found))), found)
            self._rises = {node: tuple(edges) for node, edges in found.items()}
        return self._rises

    def _may_raise(self) -> BitMap:
        found = BitMap()
        for family in RAISING:
            for need in family.needs:
                found |= self.sources.speaking(need.action)
        return found

    def _rise(self, node: Node, entity: Entity, found: dict[Node, list[Edge]]) -> None:
        if len(node.gains) >= MAX_RISES or (node.gains and self.is_administrator(node)):
            return
        for opening in self.gains.of(entity, gained=node.gains):
            gain = opening.raised
            if gain is None or gain in node.gains or not _adds(gain, node):
                continue
            made = edge(self.questions, node, opening)
            if made is None:
                continue
            higher = node.gaining(gain)
            is_new = higher not in found
            found.setdefault(higher, []).append(Edge(node, higher, opening, made.how, made.found))
            if is_new:
                self._rise(higher, entity, found)

    # Principals that are not there yet.

    def make(self, nodes: Iterable[Node], found: dict[Node, list[Edge]]) -> None:
        """Adds what principals make anew, as they are and with what they gained. Whoever is sure to make itself an
        administrator needs none."""
        risen: dict[str, list[Node]] = {}
        for each in found:
            risen.setdefault(each.principal, []).append(each)
        for node in nodes:
            gained = risen.get(node.principal, ())
            if any(map(self.is_administrator, _sure(node, gained, found))):
                continue
            edges = list(self.making.out_of(node, self._edge))
            for each in gained:
                if not self.is_administrator(each):
                    edges += self.making.out_of(each, self._only_by_gain)
            for made in edges:
                found.setdefault(made.target, []).append(made)

    # Into a node.

    def into(self, node: Node, but: frozenset[Node] = frozenset()) -> tuple[Edge, ...]:
        """All edges into a node, but those by which another principal raises it, and those of the sources `but`. Raises
        MalformedArn, UnknownPrincipal."""
        found = self._into.get((node, but))
        if found is None:
            if node.gains:
                edges: Iterable[Edge] = (each for each in self.rises().get(node, ()) if each.source not in but)
            else:
                edges = self._into_plain(node, but)
            found = self._into[node, but] = tuple(sorted(edges, key=lambda each: each.order))
        return found

    def _into_plain(self, node: Node, but: frozenset[Node]) -> Iterator[Edge]:
        entity = self.entity(node)
        if entity is None:
            return
        numbers_but = self._numbers_of(but)
        gained = [each for each in self.rises() if each not in but and each.principal != node.principal]
        gained = [each for each in gained if not each.is_made]
        for opening in self.openings.into(entity):
            for source in self.sources.nodes(self.sources.of(opening) - numbers_but):
                made = edge(self.questions, source, opening)
                if made is not None:
                    yield made
            for source in gained:
                made = self._only_by_gain(source, opening)
                if made is not None:
                    yield made
            for source in self._made_for(opening):
                made = edge(self.questions, source, opening) if source not in but else None
                if made is not None:
                    yield made
            if opening.crosses_accounts:
                for outsider in outsiders_of(self.questions, opening):
                    made = edge(self.questions, outsider, opening)
                    if made is not None:
                        yield made

    def _made_for(self, opening: Opening) -> Iterator[Node]:
        """Those that are made anew and may be the source of an opening at all: they have a statement that allows its
        actions on something, or what is asked about lets anybody in."""
        if self._made is None:
            self._made = [each for each in self.rises() if each.is_made]
        actions = tuple(action for ask in opening.asks for action in ask.actions)
        found = self._made_speaking.get(actions)
        if found is None:
            sides = ((each, self.questions.side(each)) for each in self._made)
            found = [each for each, side in sides if all(speaks(side, action) for action in actions)]
            self._made_speaking[actions] = found
        those = self._made if len(found) < len(self._made) and self.sources.lets_anybody_in(opening) else found
        return (each for each in those if opening.crosses_accounts or account_in(each.principal) == opening.account)

    def _numbers_of(self, nodes: frozenset[Node]) -> BitMap:
        """Of those that gained nothing."""
        found = self._numbers.get(nodes)
        if found is None:
            numbers = (self.sources.number_of(each) for each in nodes if not each.gains)
            found = self._numbers[nodes] = BitMap(each for each in numbers if each is not None)
        return found

    def _edge(self, source: Node, opening: Opening) -> Edge | None:
        return edge(self.questions, source, opening)

    def _only_by_gain(self, source: Node, opening: Opening) -> Edge | None:
        """The edge of a principal that gained something, where it would have none without each of its gains."""
        if source.is_made:
            return edge(self.questions, source, opening)
        for gain in source.gains:
            fewer = Node(source.principal, tuple(each for each in source.gains if each != gain))
            if edge(self.questions, fewer, opening) is not None:
                return None
        return edge(self.questions, source, opening)

    # Out of a node.

    def out_of(self, node: Node) -> Iterator[Edge]:
        """All edges out of a user, role or outsider, but those by which it raises another. Raises MalformedArn,
        UnknownPrincipal."""
        families = [family for family in BECOMING if self.may(node, family)]
        number = None if node.gains else self.sources.number_of(node)
        for target in self.directory.of_kind("user", "role"):
            for opening in self.openings.into(target, families) if target.exists else ():
                if number is not None and number not in self.sources.of(opening):
                    continue
                if node.gains:
                    made = self._only_by_gain(node, opening)
                else:
                    made = edge(self.questions, node, opening)
                if made is not None:
                    yield made
        for higher, edges in self.rises().items():
            if higher.principal == node.principal or higher.is_made:
                yield from (each for each in edges if each.source == node)

    def may(self, node: Node, family: Family) -> bool:
        """Whether a node may be the source of a family for some target at all. Raises MalformedArn,
        UnknownPrincipal."""
        mine = self.account(node)
        if family.kind == "federated":
            return mine is None
        if family.kind in ("assume", "existing-service"):
            return True
        if mine is None:
            return False
        return all(
            any(_may_be(self.questions.best(node, ask), ask) for ask in asks)
            for asks in widest_asks(family, self.directory, mine)
        )


def _may_be(found: Found, ask: Ask) -> bool:
    """Whether something known may allow it on some resource of a pattern; so too where the pattern was too much."""
    return found.how in ("allow", "conditional") or (found.how == "unknown" and found.resource == ask.resource)


def _sure(node: Node, gained: Sequence[Node], edges: Mapping[Node, Iterable[Edge]]) -> list[Node]:
    """Those of what a principal makes of itself that it gets to under no condition, in whatever steps. What has more
    gains is got to from what has fewer."""
    found = [node]
    for each in sorted(gained, key=lambda raised: len(raised.gains)):
        if any(edge.source in found and edge.how == "allow" for edge in edges[each]):
            found.append(each)
    return found[1:]


def _adds(gain: Gain, node: Node) -> bool:
    """Whether a gain may add to those that a node has: of each kind one is enough, but for denies, of which each counts
    for itself; who has any policy needs no other."""
    kinds = {each.kind for each in node.gains}
    if "any-policy" in kinds and gain.kind in ("joined", "version"):
        return False
    if "no-boundary" in kinds and gain.kind == "within":
        return False
    return gain.kind == "without" or gain.kind not in kinds
