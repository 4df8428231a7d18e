"""Who has which policies at an instant, as far as these may bear on one action and one resource: what who-can reads in
the place of entities, each of which would have to be made first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.named import Principals
from erstwhile.domain.policy.language.bearing_statement import BearingStatements

Numbers = npt.NDArray[np.int64]
NOBODY = -1
"""No policy, and no value of a tag."""
SEVERAL = -2
"""More than one value of a tag, whose keys differ in case."""
SILENT = -3
"""A policy that says nothing of the action on the resource."""
OWN = 0
"""The way to a policy that a principal has itself."""


class HeldDocument:
    """A document that is read when its text is needed. It equals no other."""

    __slots__ = ("_read", "statements")

    def __init__(self, read: Callable[[], str], statements: BearingStatements | None = None) -> None:
        self._read = read
        self.statements = statements
        """Those that bear on the question, where they are known without the text."""

    @property
    def text(self) -> str:
        return self._read()


class HeldPolicy(NamedTuple):
    """A policy as the users, groups and roles of an account have it."""

    account: str
    """Of its holders."""
    policy: str
    """The ARN, or `inline:` and the name."""
    document: HeldDocument | None
    """None: what it says, if anything is known of it, the Directory has to be asked."""
    version: str
    step: str
    """The last step of the path from a holder to it."""
    defined_by: int
    """The position of the event that put these words in force; 0 for the one that gave the policy."""


UNSEEN = HeldPolicy("", "", None, "", "", 0)
"""In place of what a principal may have whose policies no source has shown."""


class Held(NamedTuple):
    """Users and roles by numbers, each with at least one policy that may bear on the question. All others have none,
    but for those `apart`. Pairs of a principal and a policy are sorted by principal, and then stand in the order in
    which the principal's own policies and those of its groups are evaluated."""

    places: list[tuple[str, str]]
    """Accounts with kinds of principals."""
    place: Numbers
    """Of each principal."""
    begins: Numbers
    """The first pair of each principal; the last one is the number of all pairs."""
    policy: Numbers
    """Of each pair."""
    way: Numbers
    """Of each pair, how the principal has the policy: OWN, or through a group."""
    granted_by: Numbers
    """Of each pair: the position of the event that gave the policy to the principal, or to its group."""
    boundary: Numbers
    """Of each principal: the policy that is its permissions boundary; or NOBODY's, or SILENT."""
    bounded_by: Numbers
    """The position of the event that set it."""
    policies: list[HeldPolicy]
    """By their numbers."""
    through: Callable[[int], tuple[str, ...]]
    """The steps of a way, between the principal and the policy's own; none of one's own."""
    apart: list[EntityKey]
    """Principals of which something is not known, or which share a name: they have to be asked about one by one."""
    key: Callable[[int], EntityKey]
    """The key of a principal by its number."""
    names: Callable[[int], tuple[str, str]]
    """The ARN and the name of a principal by its number."""
    number: Callable[[EntityKey], int]
    """The number of a principal by its key; NOBODY's where it is none of these."""
    who: Callable[[Numbers], Principals]
    """Principals by their numbers, which are in order."""
    tags: Callable[[str], tuple[Numbers, list[str]]]
    """For the key of a tag in lower case: of each principal, which of some values it has."""
