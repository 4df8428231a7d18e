"""Principals of whom nothing differs between two instants: what they may on resources of which something does, or under
other service control policies.

Such are all of an account where a bucket's policy names the account, or a guardrail over it changes. What they have
that does not bear on these resources, or on the actions of these guardrails, counts for nothing; of those who have the
same besides, one is compared.

Serves the row "difference of two days" of `make bench-history`; tests/domain/history/test_diff_sharing.py holds it to
comparing each principal by itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.comparing.guardrails import Guardrails, guardrails_of
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.resources import EVERYBODY, is_alone, meant_by, patterns_of
from erstwhile.domain.history.comparing.standing import content_of
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Levels
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.caller_keys import OWN_KEYS
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.patterns.pattern_parts import meet
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document

_TAG = "aws:principaltag/"


class _Term(NamedTuple):
    """A statement that bears, of a policy of this name."""

    content: Hashable
    compiled: CompiledStatement
    policy: str

    @property
    def named(self) -> Hashable:
        """With policy and place where it has conditions: these are told by policy and statement, so that two policies
        of one name are told as one."""
        is_told = self.policy and not self.compiled.is_fixed
        return self.content, (self.policy, self.compiled.statement.index) if is_told else ""


_Terms = tuple[_Term, ...]


class Bearing(NamedTuple):
    """What bears on resources of which something differs, for the principals of one account."""

    patterns: tuple[str, ...]
    services: frozenset[str] | None
    """Of the actions (lower case); None for all."""
    read: frozenset[str]
    """The condition keys that the policies of the resources read."""
    named: frozenset[str]
    """How the names end that these policies mean alone."""
    is_limited: bool
    """Whether service control policies differ, too."""
    limiting: tuple[CompiledStatement, ...]
    """Those of their statements that hold at one of the instants alone: about all resources."""

    def has(self, compiled: CompiledStatement) -> bool:
        """Whether a statement of a principal may bear on one of the resources, or is about an action of the guardrails
        that differ."""
        if any(_meet_in_actions(compiled, each) for each in self.limiting):
            return True
        statement = compiled.statement
        if self.services is not None and statement.actions is not None:
            services = {action.partition(":")[0].lower() for action in statement.actions}
            if services.isdisjoint(self.services) and not any("*" in each or "?" in each for each in services):
                return False
        if compiled.resources is None or compiled.varies or statement.not_resources is not None:
            return True
        return any(meet(one, other) for one in compiled.resources for other in self.patterns)


class Unchanged:
    """Finds who is like whom. Of principals that `Concerned` does not name, in accounts that it names."""

    def __init__(self, instants: Instants) -> None:
        self._instants = instants
        self._directory = instants.directories[1]
        self._bearing: dict[str, Bearing | None] = {}
        self._of_text: dict[tuple[str, str], _Terms | None] = {}
        self._of_policy: dict[tuple[str, str], _Terms | None] = {}
        self._of_group: dict[EntityKey, _Terms | None] = {}

    def bearing(self, account: str) -> Bearing | None:
        """None where more differs for the principals of an account than some resources."""
        if account not in self._bearing:
            self._bearing[account] = self._find_bearing(account)
        return self._bearing[account]

    def alike(self, key: EntityKey) -> Hashable | None:
        """Equal for principals of whom the same differs; None for one that has to be compared by itself."""
        bearing = self.bearing(key[0])
        entity = self._directory.get(*key)
        if bearing is None or entity is None or not entity.exists or is_service_linked(entity):
            return None
        if not bearing.named.isdisjoint((entity.id, entity.name)) or sources.unknowns(self._directory, entity):
            return None
        if self._is_named_as_another(entity):
            return None
        groups = [self._held_by_group((entity.account, "group", each)) for each in entity.group_ids]
        identity: list[_Term] = []
        for held in (self._held(entity), *groups):
            if held is None:
                return None
            identity += held
        boundary = () if entity.boundary is None else self._said_by(entity.account, entity.boundary)
        if boundary is None or (boundary and any(not each.compiled.is_fixed for each in (*identity, *boundary))):
            return None
        values = self._values(entity, bearing, identity)
        if values is None:
            return None
        said = frozenset(term.named for term in identity)
        return key[0], key[1], entity.boundary is not None, values, said, frozenset(term.named for term in boundary)

    def _is_named_as_another(self, entity: Entity) -> bool:
        """Whether its ARN means another one at one of the instants."""
        arn = self._directory.arn_of(entity)
        if is_alone(self._instants.history, entity, arn):
            return False
        found = (each.with_arn(arn) for each in self._instants.directories)
        return any(each is None or each.key != entity.key for each in found)

    def _find_bearing(self, account: str) -> Bearing | None:
        instants = self._instants
        before, after = (guardrails_of(directory, account) for directory in instants.directories)
        places = [directory.get(account, "account", account) for directory in instants.directories]
        if len({repr(each.facts) if each is not None else "" for each in places}) > 1:
            return None
        limits = [engine_of(directory).policies.scp(account) for directory in instants.directories]
        is_limited = before != after
        limiting: tuple[CompiledStatement, ...] = ()
        if is_limited:
            one, other = limits
            if one is None or other is None or not _differ_in_scp_alone(before, after):
                return None
            found = _telling(one, other)
            if found is None:
                return None
            limiting = found
        read = {key for each in limits if each is not None for layer in each.layers for said in layer.placed
                for key in said[0].keys_read} | instants.read_by_limits  # fmt: skip
        if instants.within is not None or instants.limited or instants.changing_hands or not CLOCK.isdisjoint(read):
            return None
        patterns: dict[str, None] = {}
        services: set[str] | None = {"sts", "kms"} if instants.may_be_unknown else set()
        named: set[str] = set()
        for arn in instants.moved:
            bears = arn in instants.may_be_unknown
            for policy in instants.policies_of(arn):
                alone = instants.meant_alone(policy)
                if alone is None or policy.why:
                    return None
                named |= alone
                if any(each == EVERYBODY or account_named(each) == account for each in meant_by(policy)):
                    bears = True
                    read |= {key for compiled, _, _ in policy.placed for key in compiled.keys_read}
                    spoken = _services(compiled for compiled, _, _ in policy.placed)
                    services = None if services is None or spoken is None else services | spoken
            if bears:
                patterns |= dict.fromkeys(patterns_of(arn))
        # What a guardrail denies, a policy of any resource may allow.
        for arn in self._known_resources() if is_limited else ():
            for policy in instants.policies_of(arn):
                alone = instants.meant_alone(policy)
                if alone is None or policy.why:
                    return None
                named |= alone
                read |= {key for compiled, _, _ in policy.placed for key in compiled.keys_read}
        return Bearing(
            tuple(patterns), None if services is None else frozenset(services), frozenset(read), frozenset(named),
            is_limited, limiting,
        )  # fmt: skip

    def _known_resources(self) -> Iterable[str]:
        return dict.fromkeys(arn for known in self._instants.known for arn in known.of("resource").arns)

    def _values(self, entity: Entity, bearing: Bearing, terms: list[_Term]) -> Hashable | None:
        """The values of the condition keys that may be read; None where they are those of one principal alone."""
        read = set(bearing.read)
        for each in terms:
            if not each.compiled.is_fixed:
                read |= each.compiled.keys_read
        if not read.isdisjoint(OWN_KEYS):
            return None
        tags = ((f"{_TAG}{key.lower()}", fact.value["value"]) for key, fact in entity.tag_facts.items())
        return frozenset((key, value) for key, value in tags if key in read)

    def _held_by_group(self, key: EntityKey) -> _Terms | None:
        if key not in self._of_group:
            group = self._directory.get(*key)
            self._of_group[key] = None if group is None else self._held(group)
        return self._of_group[key]

    def _held(self, entity: Entity) -> _Terms | None:
        """What the own policies of a user, group or role say that bears; None where one of them is not known."""
        found: list[_Term] = []
        for name, fact in entity.inline_policies.items():
            terms = self._said_in(entity.account, fact.value["document"])
            if terms is None:
                return None
            found += (each._replace(policy=f"inline:{name}") for each in terms)
        for arn, fact in entity.attached_policies.items():
            since = sources.begun(self._directory, arn)
            if since is None or since <= fact.since:
                terms = self._said_by(entity.account, arn)
                if terms is None:
                    return None
                found += terms
        return tuple(found)

    def _said_by(self, account: str, arn: str) -> _Terms | None:
        place = (account, arn)
        if place not in self._of_policy:
            self._of_policy[place] = self._said_in(account, sources.managed(self._directory, arn, account).document)
        return self._of_policy[place]

    def _said_in(self, account: str, document: str | None) -> _Terms | None:
        """`document`: None where it was never seen."""
        if document is None:
            return None
        place = (account, document)
        if place not in self._of_text:
            bearing = self.bearing(account)
            assert bearing is not None
            try:
                statements = compile_document(document, True).statements
            except (MalformedDocument, UnknownOperator):
                self._of_text[place] = None
            else:
                bears = (each for each in statements if bearing.has(each))
                self._of_text[place] = tuple(_Term(content_of(each.statement), each, "") for each in bears)
        return self._of_text[place]


def _differ_in_scp_alone(before: Guardrails, after: Guardrails) -> bool:
    """Whether an account stands where it stood, under as many levels of service control policies, and what limits the
    use of its resources is the same."""
    one, other = before[0], after[0]
    if one is None or other is None or before[1] != after[1] or one[:2] != other[:2]:
        return False
    return one[2] is not None and other[2] is not None and len(one[2]) == len(other[2])


def _telling(before: Levels, after: Levels) -> tuple[CompiledStatement, ...] | None:
    """The statements of one of the instants alone. None where they are about some resources, or about what the policies
    of roles have a say in; or where not all is known."""
    if [layer.why for layer in before.layers] != [layer.why for layer in after.layers]:
        return None
    one, other = (
        {
            (level, content_of(compiled.statement)): compiled
            for level, layer in enumerate(levels.layers)
            for compiled, _, _ in layer.placed
        }
        for levels in (before, after)
    )
    found = tuple((one.get(key) or other[key]) for key in one.keys() ^ other.keys())
    for each in found:
        if each.statement.actions is None or each.statement.not_resources is not None or each.varies:
            return None
        if "*" not in (each.resources or ()) or any(meet(action.lower(), "sts:*") for action in each.statement.actions):
            return None
    return found


def _meet_in_actions(one: CompiledStatement, other: CompiledStatement) -> bool:
    """Whether two statements may be about the same action. `other` names actions."""
    if one.statement.actions is None:
        return True
    theirs = other.statement.actions or ()
    return any(meet(own.lower(), each.lower()) for own in one.statement.actions for each in theirs)


def _services(statements: Iterable[CompiledStatement]) -> set[str] | None:
    """The services of whose actions statements speak; None where these may be all."""
    found: set[str] = set()
    for each in statements:
        if each.statement.actions is None:
            return None
        found |= {action.partition(":")[0].lower() for action in each.statement.actions}
    return None if any("*" in each or "?" in each for each in found) else found
