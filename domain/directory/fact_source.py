"""What a Directory that is a view reads its entities from: the facts of all entities at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.language.part import KnownStatements

Facts = dict[str, dict[str, Fact]]
"""The facts of one entity: attribute → item → fact."""


class PolicyInForce(NamedTuple):
    """A managed policy at an instant: its ARN, what it says, and who chose that version."""

    arn: str
    document: str
    version: str
    defined_by: int
    """The log position of that event."""
    begun: datetime
    """Since when the policy exists."""
    known: KnownStatements | None = None
    """What its document has, where that is known without reading it."""


class FactSource(Protocol):
    """Finds entities by a key of an index. An index may be wider than the truth: it may name entities that do not exist
    at the instant, or have another name then. Whoever asks reads their facts, and compares. It is never narrower."""

    def facts_of(self, key: EntityKey) -> Facts | None:
        """The facts of an entity at the instant; None where it has none."""

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        """The entities that may have an ARN: those whose recorded ARN it is, and the users, groups, roles, policies and
        instance profiles of the account, kind and name (or unique id) that it tells."""

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        """The entities that may have an access key."""

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        """The entities that may have a name (lower case)."""

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        """The entities of a kind that may exist; of an account alone, if it is given."""

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        """The entities that may have an item of an attribute: `attached` and a policy's ARN, `member_of` and a group's
        unique id, … For `boundary`, the item is the policy's ARN."""

    def having(self, attribute: str) -> Iterable[EntityKey]:
        """The entities that may have an attribute."""

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        """The resources that are VPC endpoints, and may exist."""

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        """The secrets whose ARN, without the seven characters that end it, may be this."""

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        """The users and roles but for those whose policies, and those of whose groups, surely have nothing that allows
        an action (lower case) on a resource, or on any that a pattern matches. None where that is not known without
        reading them all."""

    def held(self, action: str, resource: str) -> Held | None:
        """Who has which policies that may bear on an action (lower case) and a resource, which is no pattern; None
        where that is not known without reading them all."""

    def numbered_principals(self) -> NumberedPrincipals | None:
        """The users and roles by numbers, with what their policies allow; None where that is not known without reading
        them all."""

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey] | None:
        """The roles that a caller may assume as far as their trusts say; None where that is not known without reading
        them all."""

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey] | None:
        """The users and roles whose ARNs may have some texts in them, in whatever case; None where that is not known
        without reading them all."""

    def actions_told(self, service: str) -> Iterable[str] | None:
        """The actions of a service (lower case) as policies name them, patterns too, each once; perhaps those of
        policies of other instants. None where that is not known without reading them all."""

    def about(self, action: str) -> FactSource:
        """The facts without attachments of policies of which it is sure that they do not speak of an action (lower
        case); this source where that is not known without reading them all."""

    def in_force(self) -> FactSource:
        """The facts that decisions read of managed policies: without versions that are not in force; this source where
        these cost little to read."""

    def kinds(self) -> Iterable[tuple[str, str]]:
        """Each account with each kind of entity that it may have."""


class CountedSource(FactSource, Protocol):
    """A source that counts, and lists names and what is referred to, without making its entities: exact, not wider than
    the truth."""

    def count(self, account: str, kind: str) -> int:
        """How many entities of a kind exist in an account (by name: two of one name count once)."""

    def names(self, account: str, kind: str) -> Iterable[str]:
        """Their names, in lower case."""

    def targets(self, account: str, attribute: str, is_other: Callable[[EntityKey], bool]) -> Iterable[str]:
        """The items of an attribute (`attached`, `mfa`) that entities of an account have, but for those others."""
