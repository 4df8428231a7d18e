"""The ways by which somebody makes a principal that is not there yet, and gets in: it has any policy, or those of a
group, within the boundary that its maker had to set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.variables import has_variable
from erstwhile.domain.questions.own_patterns import statements_about
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.catalogue.families import MAKING
from erstwhile.domain.reach.catalogue.family import GROUP, Family
from erstwhile.domain.reach.catalogue.self_escalation import ADMINISTRATOR
from erstwhile.domain.reach.edges import Edge
from erstwhile.domain.reach.gains import ANY_POLICY
from erstwhile.domain.reach.nodes import Gain, Node
from erstwhile.domain.reach.openings import Opening, ask_of_new, asks_of
from erstwhile.domain.reach.questions import RANK, Questions

MADE = Gain("made")
MAX_BOUNDARIES = 20
"""Boundaries that are tried for one maker, the first by name."""
_BOUNDARY = "iam:permissionsboundary"
Take = Callable[[Node, Opening], Edge | None]
"""(source, opening) → the edge of a source that may take it"""


class Making:
    """Of one Directory."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._directory = questions.directory
        self._openings: dict[tuple[str, str, str], list[Opening]] = {}

    def out_of(self, node: Node, take: Take) -> Iterator[Edge]:
        """The edges from a user or role to principals that it makes. Raises MalformedArn, UnknownPrincipal."""
        side = self._questions.side(node)
        able = [each for each in MAKING if all(speaks(side, need.action) for need in each.needs)]
        for kind in ("role", "user"):
            families = [each for each in able if each.of == (kind,)]
            if not families:
                continue
            unlimited = self._taken(node, families, take)
            yield from unlimited.values()
            made = {family for family, _ in unlimited}
            # Where it need not have a boundary, nothing is looked for within one.
            within = [each for each in families if not any(f"{each.id}-".startswith(f"{one}-") for one in made)]
            for boundary in self._boundaries(side, {need.action for each in within for need in each.needs}):
                for family in within:
                    yield from filter(None, (take(node, each) for each in self._of(node, family, boundary)))

    def _taken(self, node: Node, families: Iterable[Family], take: Take) -> dict[tuple[str, Node], Edge]:
        """The best edge of each family to each principal that no boundary limits."""
        found: dict[tuple[str, Node], Edge] = {}
        for family in families:
            for boundary in ("", self._administrator(self._questions.side(node).caller.account)):
                for opening in self._of(node, family, boundary):
                    key = (family.id, opening.target)
                    held = found.get(key)
                    made = take(node, opening) if held is None or held.how != "allow" else None
                    if made is not None and (held is None or RANK[made.how] > RANK[held.how]):
                        found[key] = made
        return found

    def _of(self, node: Node, family: Family, boundary: str) -> list[Opening]:
        """The openings of a family whose request sets a boundary; '' where it sets none. Those that take it off again
        are of use where it limits something."""
        account = self._questions.side(node).caller.account
        key = (account, family.id, boundary)
        found = self._openings.get(key)
        if found is None:
            is_limited = boundary not in ("", self._administrator(account))
            is_of_use = is_limited or not family.where
            held = self._filled(family, account, boundary, is_limited) if is_of_use else ()
            found = self._openings[key] = list(held)
        return found

    def _filled(self, family: Family, account: str, boundary: str, is_limited: bool) -> Iterator[Opening]:
        [kind] = family.of
        partition = self._directory.partition(account)
        principal = f"arn:{partition}:iam::{account}:{kind}/*"
        limits = (Gain("bounded", boundary),) if is_limited and not family.where else ()
        ask = self._ask(family, account, boundary)
        if not any(need.on == GROUP for need in family.needs):
            yield Opening(family, Node(principal, tuple(sorted((MADE, ANY_POLICY, *limits)))), account, (ask,))
            return
        joining = [need for need in family.needs if need.on == GROUP]
        for group in self._groups(account):
            gains = tuple(sorted((MADE, Gain("joined", group.name), *limits)))
            asks = (*asks_of(joining, self._directory, account, {GROUP: self._directory.arn_of(group)}), ask)
            yield Opening(family, Node(principal, gains), account, asks, rests_on=(group.key,))

    def _ask(self, family: Family, account: str, boundary: str) -> Ask:
        """What is asked of the new name."""
        [kind] = family.of
        partition = self._directory.partition(account)
        needs = [need for need in family.needs if need.on != GROUP]
        return ask_of_new(needs, partition, account, kind, boundary)

    def _groups(self, account: str) -> list[Entity]:
        return [
            group
            for group in list(self._directory.by_name(account, "group").values())
            if group.inline_policies or group.attached_policies
        ]

    def _administrator(self, account: str) -> str:
        return ADMINISTRATOR.format(partition=self._directory.partition(account))

    # Boundaries.

    def _boundaries(self, side: CallerSide, actions: Iterable[str]) -> list[str]:
        """The policies that statements about making a principal name as its boundary, or whose names they match: what
        may have to be set. `actions`: that making it takes."""
        account = side.caller.account
        values = dict.fromkeys(
            value
            for action in sorted(actions)
            for compiled in statements_about(side, action.lower())
            for entry in compiled.statement.conditions
            if entry.key.lower() == _BOUNDARY
            for value in entry.values
            if not has_variable(value)
        )
        values.pop(self._administrator(account), None)
        if not values:
            return []
        of_account = [each.arn for each in list(self._directory.by_name(account, "policy").values()) if each.arn]
        found = {arn for arn in of_account if any(matches(value, arn) for value in values)}
        found |= {value for value in values if "*" not in value and "?" not in value}
        known = (arn for arn in sorted(found) if managed(self._directory, arn, account).document is not None)
        return [arn for _, arn in zip(range(MAX_BOUNDARIES), known, strict=False)]


def speaks(side: CallerSide, action: str) -> bool:
    """Whether a policy of its own allows an action on something."""
    return side.identity is not None and any(compiled.allows for compiled, _, _ in side.identity.about(action.lower()))
