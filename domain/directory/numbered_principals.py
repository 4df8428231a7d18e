"""The users and roles of an instant by numbers, as a Directory knows them that need not read them for that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from pyroaring import BitMap

from erstwhile.domain.directory.facts import EntityKey


class Untold(NamedTuple):
    """An attached policy of which it has to be looked up what it says: the account of those who have it, its ARN, and
    who they are, members of groups that have it among them."""

    account: str
    arn: str
    holders: BitMap


class NumberedPrincipals(Protocol):
    """Wider than the truth, never narrower: a number may be that of one that does not exist, and a policy may be of an
    earlier one of its ARN. Whoever reads an entity, or asks the engine, finds that."""

    @property
    def everybody(self) -> BitMap:
        """The numbers of all."""

    def of_account(self, account: str) -> BitMap:
        """Those of an account."""

    def key(self, number: int) -> EntityKey:
        """Whose number it is."""

    def number_of(self, key: EntityKey) -> int | None:
        """The number of a user or role; None of one that is not there."""

    def speaking(self, action: str) -> BitMap:
        """Those with a statement that allows an action (lower case) on something, under whatever conditions, in a
        document that can be read."""

    def may(self, action: str, resource: str) -> BitMap:
        """Those of them whose statement may be about a resource."""

    @property
    def untold(self) -> Iterable[Untold]:
        """The attached policies that are left out of what is allowed."""
