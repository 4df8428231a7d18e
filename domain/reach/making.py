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
from erstwhile.domain.reach.openings import Opening, ask_of_new
from erstwhile.domain.reach.questions import RANK, Questions

MADE = Gain("made")
MAX_BOUNDARIES = 20
"""Boundaries that are tried for one maker, the first by name."""
_BOUNDARY = "iam:permissionsboundary"
_CREATING = {"role": "iam:CreateRole", "user": "iam:CreateUser"}
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
        for kind, creating in _CREATING.items():
            if not _speaks(side, creating):
                continue
            boundaries = self._boundaries(side, creating)
            unlimited = self._taken(node, kind, ("", self._administrator(side.caller.account)), take)
            yield from unlimited.values()
            for boundary in boundaries:
                yield from self._within(node, kind, boundary, unlimited, take)

    def _within(
        self, node: Node, kind: str, boundary: str, unlimited: dict[tuple[str, Node], Edge], take: Take
    ) -> Iterator[Edge]:
        """Those by which what is made has a boundary, where it need not be without one."""
        for opening in self._of(self._questions.side(node).caller.account, kind, boundary):
            is_needless = any(
                family == opening.family.id or opening.family.id.startswith(f"{family}-") for family, _ in unlimited
            )
            made = take(node, opening) if not is_needless else None
            if made is not None:
                yield made

    def _taken(self, node: Node, kind: str, boundaries: Iterable[str], take: Take) -> dict[tuple[str, Node], Edge]:
        """The best edge of each family to each principal that nothing limits."""
        found: dict[tuple[str, Node], Edge] = {}
        for boundary in boundaries:
            for opening in self._of(self._questions.side(node).caller.account, kind, boundary):
                key = (opening.family.id, opening.target)
                held = found.get(key)
                if held is not None and held.how == "allow":
                    continue
                made = take(node, opening)
                if made is not None and (held is None or RANK[made.how] > RANK[held.how]):
                    found[key] = made
        return found

    def _of(self, account: str, kind: str, boundary: str) -> list[Opening]:
        """All openings of a kind whose request sets a boundary; '' where it sets none. Those that take it off again are
        of use where it limits something."""
        key = (account, kind, boundary)
        found = self._openings.get(key)
        if found is None:
            is_limited = boundary not in ("", self._administrator(account))
            families = [each for each in MAKING if each.of == (kind,) and (is_limited or not each.where)]
            found = self._openings[key] = [
                opening for family in families for opening in self._filled(family, account, boundary, is_limited)
            ]
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
        joining = tuple(need.action for need in family.needs if need.on == GROUP)
        for group in self._groups(account):
            gains = tuple(sorted((MADE, Gain("joined", group.name), *limits)))
            asks = (Ask(joining, self._directory.arn_of(group)), ask)
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

    def _boundaries(self, side: CallerSide, creating: str) -> list[str]:
        """The policies that statements about making a principal name as its boundary, or whose names they match: what
        may have to be set."""
        account = side.caller.account
        values = dict.fromkeys(
            value
            for compiled in statements_about(side, creating.lower())
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


def _speaks(side: CallerSide, action: str) -> bool:
    """Whether a policy of its own allows an action on something."""
    return side.identity is not None and any(compiled.allows for compiled, _, _ in side.identity.about(action.lower()))
