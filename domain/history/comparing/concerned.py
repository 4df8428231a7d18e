"""Whose access may differ between two instants: found from what changed, without a look at anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.comparing.causes import BEARING
from erstwhile.domain.history.comparing.guardrails import guardrails_of
from erstwhile.domain.history.comparing.resources import arn_in_policies, lacks_policy, side_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.sources import SHOWN
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, is_account_id

PRINCIPALS = ("user", "role")
_OF_RESOURCES = frozenset((a.ENTITY, a.TAG, a.TRUST, a.POLICY, a.STATEMENT, a.GRANT, a.REGISTERED))
_OF_ORGANIZATIONS = frozenset((a.ENTITY, a.ORGANIZATION, a.NODE, a.GUARDRAIL, a.TARGET, a.POLICY_TYPE))
_ONLY_OF_HOLDERS = ("group", "policy", "aws-policy")
"""What changes of these concerns whoever has them, and no resource."""
_NAMING = ("resource", "role")
"""Kinds of entities whose policies name principals."""
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
_TAGS = ("resourcetag", "resource:")


class Concerned:
    """The principals, accounts and resources that something concerns which changed."""

    def __init__(
        self,
        history: FactHistory,
        before: tuple[datetime, DirectoryView],
        after: tuple[datetime, DirectoryView],
        *,
        asks_of_one: bool = False,
        account: str | None = None,
        few: int | None = None,
    ) -> None:
        """`asks_of_one`: one principal is compared, whoever is concerned: only `limited` and `moved` are found. `few`:
        where more users and roles than these are concerned, of one account or of all, nothing else is looked at."""
        self._history = history
        self._asks_of_one = asks_of_one
        self._instants = (before[0], after[0])
        self._directories = (before[1], after[1])
        self.principals: dict[EntityKey, None] = {}
        self.accounts: dict[str, None] = {}
        """Accounts of which every principal is concerned."""
        self.everybody = False
        self.limited: dict[str, None] = {}
        """Accounts of which what limits the use of their resources differs."""
        self.moved: dict[str, None] = {}
        """ARNs of resources."""
        self._moved: dict[EntityKey, None] = {}
        """The resources and roles among them."""
        self.are_many = self._find(account, few)
        """Whether there are more than `few`: then not all of them were found."""

    def _find(self, account: str | None, few: int | None) -> bool:
        counted = 0
        for key in self._changed():
            self._look_at(key)
            if few is not None and len(self.principals) > counted + few:
                counted = len(self.principals)
                if self._has_more_than(few, account):
                    return True
        if self._instants[0] != self._instants[1]:
            self._look_at_documents(CLOCK)
        if any(each.tags for arn in self.moved for each in self._with_arn(arn)):
            self._look_at_documents(_TAGS)
        return few is not None and self._has_more_than(few, account)

    def _has_more_than(self, few: int, account: str | None) -> bool:
        """Without a list of all: where everybody is concerned, there may be hundreds of thousands."""
        if _are_more(few, (key for key in self.principals if account in (None, key[0]))):
            return True
        accounts = self._all_accounts() if self.everybody else self.accounts
        those = {each for each in accounts if account in (None, each)}
        return bool(those) and any(
            _are_more(
                few, (key for kind in PRINCIPALS for each in those for key in directory.source.of_kind(kind, each))
            )
            for directory in self._directories
        )

    def keys(self, account: str | None) -> Iterator[EntityKey]:
        """The users and roles, of one account or of all."""
        found = dict(self.principals)
        for kind in PRINCIPALS:
            if self.everybody or any(account in (None, each) for each in self.accounts):
                # Everybody is whoever is known, also of accounts of which nothing else is.
                there = {key for directory in self._directories for key in directory.source.of_kind(kind)}
                found |= {
                    key: None
                    for key in self._history.of_kind(kind)
                    if key in there and (self.everybody or key[0] in self.accounts)
                }
        yield from (key for key in found if account in (None, key[0]))

    def naming(self) -> Iterator[EntityKey]:
        """The resources and roles that moved, and those of accounts in which what limits their use differs: whom their
        policies name may be concerned who is nobody known."""
        found = dict(self._moved)
        for kind in _NAMING if self.limited else ():
            there = {key for directory in self._directories for key in directory.source.of_kind(kind)}
            found |= {key: None for key in self._history.of_kind(kind) if key in there and key[0] in self.limited}
        yield from found

    def roots(self, account: str | None) -> list[str]:
        """The accounts whose root is concerned."""
        accounts = self._all_accounts() if self.everybody else self.accounts
        return sorted(each for each in accounts if account in (None, each))

    def _all_accounts(self) -> dict[str, None]:
        return dict.fromkeys(each for directory in self._directories for each in directory.accounts())

    def _changed(self) -> Iterable[EntityKey]:
        """What is to be looked at: where one principal is compared, resources and what limits their use."""
        begin, end = min(self._instants), max(self._instants)
        if not self._asks_of_one:
            return self._history.changed(begin, end)
        tagged = frozenset(self._history.changed(begin, end, frozenset((a.TAG,))))
        kinds = ("role", "resource", "organization")
        changed = self._history.changed(begin, end, _OF_RESOURCES | _OF_ORGANIZATIONS)
        return [key for key in changed if key[1] in kinds or (key[1] == "user" and key in tagged)]

    def _look_at(self, key: EntityKey) -> None:
        entities = [directory.get(*key) for directory in self._directories]
        changed = _changed(*entities) & BEARING
        if not changed:
            return
        there = [each for each in entities if each is not None]
        account, kind, unique_id = key
        match kind:
            case "user" | "role":
                self.principals[key] = None
                if kind == "role" or a.TAG in changed:
                    self._move(there, changed)
            case "group":
                self._add_members(account, unique_id)
            case "policy" | "aws-policy":
                self._add_policy(key, there)
            case "organization":
                self._add_organization(account)
            case "account":
                self.everybody = True
            case "resource":
                self._move(there, changed)

    def _add_members(self, account: str, group: str) -> None:
        for key in self._holders(account, a.MEMBER_OF, group):
            if key[1] in PRINCIPALS:
                self.principals[key] = None

    def _holders(self, account: str, attribute: str, item: str) -> list[EntityKey]:
        """Who has an item of an attribute at one of the instants: in years, most had it at other times alone."""
        holding = {
            key
            for directory in self._directories
            for key in directory.source.holders(account, attribute, item)
            if _has(directory.get(*key), attribute, item)
        }
        return [key for key in self._history.holders(account, attribute, item) if key in holding]

    def _add_policy(self, key: EntityKey, there: list[Entity]) -> None:
        account, kind, _ = key
        if kind == SHOWN:
            arns, accounts = {each.name for each in there if each.name}, [account]
        else:
            pairs = zip(self._directories, (directory.get(*key) for directory in self._directories), strict=True)
            arns = {directory.arn_of(each) for directory, each in pairs if each is not None and each.exists}
            accounts = [account]
        if account == AWS_MANAGED:
            arns = {f"arn:{part}:{arn.split(':', 2)[2]}" for arn in arns if ":" in arn for part in _PARTITIONS}
            accounts = list(dict.fromkeys(each for each, _ in self._history.kinds()))
        for each in accounts:
            for arn in arns:
                for attribute in (a.ATTACHED, a.BOUNDARY):
                    for holder in self._holders(each, attribute, arn):
                        if holder[1] == "group":
                            self._add_members(each, holder[2])
                        elif holder[1] in PRINCIPALS:
                            self.principals[holder] = None

    def _add_organization(self, owner: str) -> None:
        """The accounts over which guardrails differ, or which stand elsewhere in the organisation."""
        nodes = {
            node
            for directory in self._directories
            for each in directory.of_kind("organization")
            if each.account == owner
            for node in (*each.nodes, str(each.organization.get("management") or ""))
            if is_account_id(node)
        }
        for account in sorted(nodes):
            before, after = (guardrails_of(directory, account) for directory in self._directories)
            if before != after:
                self.accounts[account] = None
                if before[1] != after[1]:
                    self.limited[account] = None
                    self.everybody = True  # what limits its resources, limits whoever uses them

    def _move(self, there: list[Entity], changed: set[str]) -> None:
        if changed.isdisjoint(_OF_RESOURCES):
            return
        self._moved |= {entity.key: None for entity in there if entity.kind in _NAMING}
        for directory, each in zip(self._directories, self._directories, strict=True):
            for entity in there:
                arn = arn_in_policies(directory, entity)
                if arn:
                    self.moved[arn] = None
                    if not self._asks_of_one:
                        self._add_meant(each, arn)

    def _add_meant(self, directory: Directory, arn: str) -> None:
        """Whom the policies of a resource may mean."""
        policy = side_of(directory, arn).policy
        if policy is None:
            self.everybody = self.everybody or lacks_policy(directory, arn)
            return
        if policy.why or policy.has_not_principal():
            self.everybody = True
        for compiled, _, _ in policy.placed:
            for kind, name in compiled.statement.principals or ():
                if name == "*":
                    self.everybody = True
                elif kind == "AWS" and account_named(name):
                    self.accounts[account_named(name)] = None
                elif kind == "AWS":
                    self._add_named(directory, name)

    def _add_named(self, directory: Directory, name: str) -> None:
        entity = directory.with_arn(name)
        if entity is None and name.count(":") >= 5:
            account, rest = name.split(":", 5)[4:]
            # A session is its role's.
            role = rest.split("/")[1] if rest.startswith("assumed-role/") else rest.rsplit("/", 1)[-1]
            entity = directory.named(account, "role", role)
        if entity is not None and entity.kind in PRINCIPALS:
            self.principals[entity.key] = None
        if ":" not in name:
            for account, kind in self._history.kinds():
                if kind in PRINCIPALS and directory.get(account, kind, name) is not None:
                    self.principals[account, kind, name] = None

    def _with_arn(self, arn: str) -> Iterable[Entity]:
        found = (directory.with_arn(arn) for directory in self._directories)
        return [each for each in found if each is not None]

    def _look_at_documents(self, words: Iterable[str]) -> None:
        """Those whom documents bear on that have one of these words, in lower case."""
        for each in self._history.documents_with(tuple(sorted(words))):
            if any(each.valid_from <= instant < each.valid_to for instant in self._instants):
                self._bears(each[:3])

    def _bears(self, key: EntityKey) -> None:
        if self._asks_of_one and key[1] in _ONLY_OF_HOLDERS:
            return
        entities = [each for directory in self._directories if (each := directory.get(*key)) is not None]
        match key[1]:
            case "group":
                self._add_members(key[0], key[2])
            case "policy" | "aws-policy":
                self._add_policy(key, entities)
            case "organization":
                self.everybody = True
            case "resource":
                self._move(entities, {a.POLICY})
            case _:
                self.principals[key] = None
                self._move(entities, {a.TRUST})


def _are_more(count: int, found: Iterator[EntityKey]) -> bool:
    return next(islice(found, count, None), None) is not None


def _has(entity: Entity | None, attribute: str, item: str) -> bool:
    if entity is None:
        return False
    return entity.boundary == item if attribute == a.BOUNDARY else item in entity.facts.get(attribute, {})


def _changed(before: Entity | None, after: Entity | None) -> set[str]:
    """The attributes of which the facts differ."""
    one = before.facts if before is not None else {}
    other = after.facts if after is not None else {}
    return {
        attribute
        for attribute in one.keys() | other.keys()
        if {item: (fact.value, fact.since) for item, fact in one.get(attribute, {}).items()}
        != {item: (fact.value, fact.since) for item, fact in other.get(attribute, {}).items()}
    }
