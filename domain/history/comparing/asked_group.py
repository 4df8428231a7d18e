"""A group of actions of one principal, as it is compared: the statements that are about it at two instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from erstwhile.domain.history.comparing.inside import Root
from erstwhile.domain.history.comparing.sharing import Outcomes
from erstwhile.domain.history.comparing.standing import Said
from erstwhile.domain.policy.language.statement import CompiledStatement

OutcomesOf = Callable[[list[str], list[list[Said]]], dict[str, Outcomes | None]]


class AskedGroup(NamedTuple):
    """An action (lower case), with the statements that are about it at each instant, and their numbers."""

    action: str
    about: list[list[Said]]
    numbers: list[list[int]]
    telling: frozenset[int]
    """Those that differ, or read what differs."""
    reading: bool
    """Whether one reads what differs."""
    is_everywhere: bool
    """Whether one of those is about all resources."""
    outcomes: OutcomesOf
    """The outcomes of resources where they differ, by the statements about them at each instant."""

    def placed(self) -> Iterator[list[tuple[Said, int]]]:
        for about, numbers in zip(self.about, self.numbers, strict=True):
            yield list(zip(about, numbers, strict=True))


def are_told_apart(root: Root, group: AskedGroup) -> bool:
    """Whether conditions that are told by policy and statement are those of one statement alone."""
    told: dict[tuple[bool, str, int], tuple[str, object]] = {}
    for those in group.placed():
        for said, number in those:
            compiled = said.compiled
            if not compiled.is_fixed and root.says[number]:
                name = (compiled.allows, said.source.policy, compiled.statement.index)
                what = said.place[0], said.content
                if told.setdefault(name, what) != what:
                    return False
    return True


def bearing_on(root: Root, group: AskedGroup) -> tuple[list[list[Said]], list[CompiledStatement]]:
    """The statements that say something inside of a root, at each instant; and those of them that tell of a
    difference."""
    says = root.says
    bearing: list[list[Said]] = []
    told: dict[CompiledStatement, None] = {}
    for those in group.placed():
        saying = [(said, number) for said, number in those if says[number]]
        bearing.append([said for said, _ in saying])
        told.update((said.compiled, None) for said, number in saying if number in group.telling)
    return bearing, list(told)
