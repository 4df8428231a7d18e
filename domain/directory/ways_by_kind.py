# mypyc: compiled
"""Ways to entities that a Directory finds by looking at all of a kind. Views find them by the indexes of their source
(`FactSource`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import is_of_service, is_vpc_endpoint
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.vocabulary.identifiers import secret_name


class WaysByKind:
    __slots__ = ()

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        """The entities of some kinds."""
        raise NotImplementedError

    def principals_of(self, accounts: Collection[str]) -> Iterable[Entity]:
        """The users and roles of some accounts."""
        return [each for each in self.of_kind("user", "role") if each.account in accounts]

    def having(self, attribute: str, *kinds: str) -> Iterator[Entity]:
        """The entities of some kinds that have an attribute."""
        return (each for each in self.of_kind(*kinds) if attribute in each.facts)

    def candidates(self, action: str, resource: str) -> Iterable[Entity]:
        """The users and roles that exist, but perhaps for some whose policies, and those of whose groups, surely have
        nothing that allows an action (lower case) on a resource, or on any that a pattern matches."""
        return (entity for entity in self.of_kind("user", "role") if entity.exists)

    def held(self, action: str, resource: str) -> Held | None:
        return None  # else it is `FactSource.held`

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None  # else it is `FactSource.numbered_principals`

    def roles_trusting(self, caller: Caller) -> Iterable[Entity]:
        """The roles, but perhaps for some that surely do not trust a caller to assume them."""
        return self.of_kind("role")

    def principals_called(self, parts: Sequence[str]) -> Iterable[Entity]:
        """The users and roles, but perhaps for some whose ARNs surely lack one of some texts, in whatever case."""
        return self.of_kind("user", "role")

    def actions_told(self, service: str) -> Iterable[str] | None:
        return None  # else it is `FactSource.actions_told`

    def resources_of(self, service: str) -> Iterable[Entity]:
        """The resources of a service, by its name in ARNs (lower case)."""
        return [each for each in self.of_kind("resource") if is_of_service(each.key, service)]

    def resources_after(self, arn: str) -> Iterator[Entity]:
        """The resources whose ARNs, which are their unique ids, come after one, in the order of these. A page of them
        costs little more than the page."""
        return iter(sorted((each for each in self.of_kind("resource") if each.id > arn), key=lambda each: each.id))

    def vpc_endpoints(self) -> Iterator[Entity]:
        """The resources that are VPC endpoints."""
        return (each for each in self.of_kind("resource") if is_vpc_endpoint(each.key))

    def secrets_called(self, arn: str) -> list[Entity]:
        """The secrets of AWS Secrets Manager whose ARN, without the seven characters that end it, is this."""
        return [each for each in self.of_kind("resource") if secret_name(each.arn) == arn]
