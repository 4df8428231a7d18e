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
    "made": "made anew",
    "bounded": "bounded by {}",
    "within": "within {}",
}


class Gain(msgspec.Struct, frozen=True, order=True):
    """One thing that a principal has more, or that hinders it less. `what`: the group that it joined, the version of a
    policy (`ARN@v2`), or what it lost: the path by which it had a policy, parted by ` > `; the
    version of its boundary that is in force (`ARN@v2`), or the policy that is the boundary of one that is made."""

    kind: GainKind
    what: str = ""

    @property
    def words(self) -> str:
        return _WORDS[self.kind].format(self.what)


class Node(msgspec.Struct, frozen=True, order=True):
    """A principal by its ARN (an identity provider's, an account's root, `*`), and its gains in order. Of one that is
    made anew, whatever its name: the pattern of them (`…:role/*`)."""

    principal: str
    gains: tuple[Gain, ...] = ()

    def gaining(self, gain: Gain) -> Node:
        return Node(self.principal, tuple(sorted({*self.gains, gain})))

    @property
    def plain(self) -> Node:
        return Node(self.principal)

    @property
    def text(self) -> str:
        words = [gain.words for gain in self.gains if gain.kind != "made"]
        return " ".join((self.principal, *(("made anew",) if self.is_made else ()), *words))

    @property
    def is_made(self) -> bool:
        """Whether it is a principal that is not there yet."""
        return any(gain.kind == "made" for gain in self.gains)
