# mypyc: compiled
"""An entity: one principal, policy, resource, … with its facts. `attributes` lists the kinds of facts.

This file is long because it has the accessor of every attribute: nothing else reads the stored facts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Any

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import NOTHING, EntityKey, Fact, KeptFacts, Value
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant

NO_FACTS: dict[str, Fact] = {}
_HOUR = 3_600


class Entity:
    """Facts by attribute and item. Other code reads them through the accessors; only `evolve` and `Directory` write.
    Accessors that end in `_fact`, or return facts by item, also say since when a value holds and which event set it."""

    __slots__ = ("account", "facts", "id", "kind")

    def __init__(self, account: str, kind: str, unique_id: str) -> None:
        self.account = account
        self.kind = kind
        self.id = unique_id
        self.facts: dict[str, dict[str, Fact]] = {}

    @property
    def key(self) -> EntityKey:
        return (self.account, self.kind, self.id)

    def _items(self, attribute: str) -> dict[str, Fact]:
        """The facts of an attribute, by item; empty when there are none."""
        return self.facts.get(attribute, NO_FACTS)

    def _fact(self, attribute: str) -> Fact | None:
        """The fact of an attribute with a single item; None when there is none."""
        return self._items(attribute).get("")

    def _value(self, attribute: str, item: str = "") -> Value | None:
        fact = self._items(attribute).get(item)
        return None if fact is None else fact.value

    @property
    def found(self) -> Bounded[Hashable, tuple[Any]] | None:
        """Where to keep what is made of its facts alone: many instants share it. None where they may change."""
        facts = self.facts
        return facts.found if isinstance(facts, KeptFacts) else None

    def all_facts(self) -> Iterator[Fact]:
        for items in self.facts.values():
            yield from items.values()

    def copy(self) -> Entity:
        twin = Entity(self.account, self.kind, self.id)
        twin.facts = {attribute: dict(items) for attribute, items in self.facts.items()}
        return twin

    # What it is.

    @property
    def exists(self) -> bool:
        """False for an entity of which only other facts are known, such as a resource of which only the policy is
        known."""
        return a.ENTITY in self.facts

    @property
    def existence(self) -> Fact | None:
        """The fact that the entity exists, with its description."""
        return self._fact(a.ENTITY)

    @property
    def vanished(self) -> Value | None:
        """`attributes.VanishedValue`; None unless it is only known between which instants the entity was deleted."""
        return self._value(a.VANISHED)

    @property
    def description(self) -> Value:
        """Name, path, ARN and other properties: `attributes.EntityValue`. Empty when the entity does not exist."""
        return self._value(a.ENTITY) or NOTHING

    @property
    def name(self) -> str:
        value = self._value(a.ENTITY)
        return "" if value is None else str(value["name"])

    @property
    def arn(self) -> str:
        value = self._value(a.ENTITY)
        return "" if value is None else str(value.get("arn", ""))

    @property
    def path(self) -> str:
        value = self._value(a.ENTITY)
        return "/" if value is None else str(value.get("path", "/"))

    @property
    def begun(self) -> datetime | None:
        """When the entity was created; None when it does not exist."""
        fact = self._fact(a.ENTITY)
        if fact is None:
            return None
        begun = fact.value.get("begun")
        if not begun:
            return fact.since
        return BEFORE if begun == "-infinity" else parse_instant(begun)

    @property
    def is_creation_known(self) -> bool:
        """Whether its creation is on record, and so all that it had since."""
        fact = self._fact(a.ENTITY)
        return fact is not None and self.begun != BEFORE and not fact.value.get("unseen")

    @property
    def tags(self) -> dict[str, str]:
        """IAM's tags, by key."""
        return {key: fact.value["value"] for key, fact in self._items(a.TAG).items()}

    @property
    def tag_facts(self) -> dict[str, Fact]:
        """Key → the fact of each tag. For code that reads many entities: `tags` makes a dictionary each time."""
        return self._items(a.TAG)

    @property
    def is_covered(self) -> bool:
        """False as long as this principal is known to exist but no source has shown its policies."""
        return a.COVERAGE not in self.facts

    # Policies of a user, group or role.

    @property
    def attached_policies(self) -> dict[str, Fact]:
        """Policy ARN → the fact of its attachment."""
        return self._items(a.ATTACHED)

    @property
    def inline_policies(self) -> dict[str, Fact]:
        """Policy name → the fact with the document."""
        return self._items(a.INLINE)

    @property
    def boundary(self) -> str | None:
        """The ARN of the permissions boundary."""
        value = self._value(a.BOUNDARY)
        return None if value is None else str(value["policy"])

    @property
    def boundary_fact(self) -> Fact | None:
        return self._fact(a.BOUNDARY)

    @property
    def group_ids(self) -> dict[str, Fact]:
        """Unique id → fact of each group that a user is in."""
        return self._items(a.MEMBER_OF)

    # Roles and instance profiles.

    @property
    def trust_policy(self) -> str | None:
        """The document of a role's trust policy; None where it is not known."""
        value = self._value(a.TRUST)
        return None if value is None else value.get("document")

    @property
    def trust_fact(self) -> Fact | None:
        """The fact with a role's trust policy."""
        return self._fact(a.TRUST)

    @property
    def trusted_principals(self) -> dict[str, str]:
        """ARN → unique id of each principal that the trust policy names, as resolved when the policy was saved."""
        return (self._value(a.TRUST) or NOTHING).get("principals") or {}

    @property
    def service_linked(self) -> str:
        """The service of a service-linked role; '' for other roles."""
        return str(self.description.get("service_linked") or "")

    @property
    def max_session_duration(self) -> int:
        """In seconds."""
        return int(self.description.get("max_session_duration") or _HOUR)

    @property
    def role_ids(self) -> dict[str, Fact]:
        """Unique id → fact of each role in an instance profile."""
        return self._items(a.ROLE)

    # Credentials of a user.

    @property
    def access_keys(self) -> dict[str, Fact]:
        return self._items(a.ACCESS_KEY)

    @property
    def login_profile(self) -> Fact | None:
        """The fact that the user has a console password."""
        return self._fact(a.LOGIN_PROFILE)

    @property
    def has_password(self) -> bool:
        return a.LOGIN_PROFILE in self.facts

    @property
    def must_reset_password(self) -> bool:
        """Whether the user must set a new password at the next sign-in."""
        return bool((self._value(a.LOGIN_PROFILE) or NOTHING).get("password_reset_required"))

    @property
    def mfa_devices(self) -> dict[str, Fact]:
        """Serial number → fact."""
        return self._items(a.MFA)

    def credentials(self, kind: str) -> dict[str, Fact]:
        """The facts of the credentials of one kind (`ssh_public_key`, …), by id."""
        facts: dict[str, Fact] = {}
        for text, fact in self._items(a.CREDENTIAL).items():
            item = a.credential_item(text)
            if item.kind == kind:
                facts[item.id] = fact
        return facts

    def credential(self, kind: str, credential_id: str) -> Value | None:
        return self._value(a.CREDENTIAL, a.CredentialItem(kind, credential_id).text)

    @property
    def credential_report_fact(self) -> Fact | None:
        """`attributes.CredentialReportValue`: the row of AWS's credential report."""
        return self._fact(a.CREDENTIAL_REPORT)

    # Managed policies.

    @property
    def versions(self) -> dict[str, Fact]:
        """Version id → the fact with the document."""
        return self._items(a.VERSION)

    @property
    def default_version(self) -> str:
        """The id of the default version; '' where it is unknown."""
        value = self._value(a.DEFAULT)
        return "" if value is None else str(value["version"])

    @property
    def default_version_fact(self) -> Fact | None:
        return self._fact(a.DEFAULT)

    @property
    def unseen_versions(self) -> dict[str, Fact]:
        """Version id → fact of each version that existed but whose document no source has shown."""
        return self._items(a.GAP)

    # Resources.

    @property
    def registered_type(self) -> str:
        """The type under which an application registered the resource; '' for other resources."""
        return str((self._value(a.REGISTERED) or NOTHING).get("type", ""))

    @property
    def resource_policy(self) -> Value | None:
        """`attributes.DocumentValue`; None where there is no policy."""
        return self._value(a.POLICY)

    @property
    def resource_policies(self) -> dict[str, Fact]:
        """The fact of the resource policy, by ''; where a world is made up for a question, there may be several."""
        return self._items(a.POLICY)

    @property
    def policy_statements(self) -> dict[str, Fact]:
        """Label → the fact of each labelled statement of a resource's policy (AddPermission)."""
        return self._items(a.STATEMENT)

    @property
    def grants(self) -> dict[str, Fact]:
        """Grant id → the fact of each KMS grant."""
        return self._items(a.GRANT)

    # Settings and accounts.

    @property
    def setting(self) -> Value:
        """The attributes of a setting of the account, under IAM's names; empty where it has none."""
        return self._value(a.SETTING) or NOTHING

    @property
    def setting_fact(self) -> Fact | None:
        return self._fact(a.SETTING)

    @property
    def mode(self) -> Value:
        """`attributes.ModeValue` of an account; empty where it is unknown."""
        return self._value(a.MODE) or NOTHING

    @property
    def mode_fact(self) -> Fact | None:
        return self._fact(a.MODE)

    # Watches.

    @property
    def watch_fact(self) -> Fact | None:
        """`attributes.WatchValue`."""
        return self._fact(a.WATCH)

    # Reviews and exceptions.

    @property
    def review_fact(self) -> Fact | None:
        """`attributes.ReviewValue`."""
        return self._fact(a.REVIEW)

    @property
    def decision_fact(self) -> Fact | None:
        """`attributes.DecisionValue`, of a line of a review."""
        return self._fact(a.DECISION)

    @property
    def delegate(self) -> str:
        """To whom a line of a review was delegated; '' where it was not."""
        return str((self._value(a.DELEGATE) or NOTHING).get("delegate", ""))

    @property
    def exception_fact(self) -> Fact | None:
        """`attributes.ExceptionValue`."""
        return self._fact(a.EXCEPTION)

    # Organisations.

    @property
    def organization(self) -> Value:
        """`attributes.OrganizationValue`; empty where it is unknown."""
        return self._value(a.ORGANIZATION) or NOTHING

    @property
    def nodes(self) -> dict[str, Fact]:
        """Id → the fact of each root, unit and account of the organisation's tree."""
        return self._items(a.NODE)

    @property
    def guardrails(self) -> dict[str, Fact]:
        """Policy id → the fact of each service or resource control policy."""
        return self._items(a.GUARDRAIL)

    @property
    def guardrail_targets(self) -> dict[str, Fact]:
        """`attributes.TargetItem` as text → the fact that a guardrail is attached to a node."""
        return self._items(a.TARGET)

    @property
    def guardrail_types(self) -> dict[str, Fact]:
        """`attributes.PolicyTypeItem` as text → the fact that a type of guardrails is enabled in a root."""
        return self._items(a.POLICY_TYPE)
