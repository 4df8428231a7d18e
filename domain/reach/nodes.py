"""A principal on a path, with what was gained for it on the way."""

from __future__ import annotations

import msgspec

from erstwhile.domain.reach.catalogue.family import GainKind

_WORDS = {
    "any-policy": "with any policy",
    "no-boundary": "without its boundary",
    "without": "without {}",
    "joined": "in group {}",
    "version": "with {}",
}


class Gain(msgspec.Struct, frozen=True, order=True):
    """One thing that a principal has more, or that hinders it less. `what`: the group that it joined, the version of a
    policy (`ARN@v2`), or what it lost: the path by which it had a policy, parted by ` > `."""

    kind: GainKind
    what: str = ""

    @property
    def words(self) -> str:
        return _WORDS[self.kind].format(self.what)


class Node(msgspec.Struct, frozen=True, order=True):
    """A principal by its ARN (an identity provider's, an account's root, `*`), and its gains in order."""

    principal: str
    gains: tuple[Gain, ...] = ()

    def gaining(self, gain: Gain) -> Node:
        return Node(self.principal, tuple(sorted({*self.gains, gain})))

    @property
    def plain(self) -> Node:
        return Node(self.principal)

    @property
    def text(self) -> str:
        return " ".join((self.principal, *(gain.words for gain in self.gains)))
