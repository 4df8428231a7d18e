"""Who can do an action on a resource: three lists, because what is unknown is not a no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.inputs.sources import never_seen
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.decided_together import Together, decided_together
from erstwhile.domain.questions.index import Index
from erstwhile.domain.questions.on_condition import OnCondition
from erstwhile.domain.questions.outsiders import named_outsiders, narrowed, others_of
from erstwhile.domain.questions.resource_reach import Share
from erstwhile.domain.questions.surely_allowed import SurelyAllowed
from erstwhile.domain.questions.who_can_within import Within
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import is_account_id


class Holder(msgspec.Struct, frozen=True):
    """A principal, and the decision about it. `why` says in words what is unknown or missing.

    `is_outsider`: the resource's own policy lets it in, and it is no user, role or root of a known account.
    `is_public`: it stands for anybody, anonymous callers too.

    Where a pattern of resources was asked about, `extent` says how much of it: all, some, conditional, unclear;
    the decision is that about `example`, one resource of it, and `denied_example` is one that is not allowed.
    """

    principal: str
    kind: str
    account: str
    unique_id: str
    decision: Decision
    why: tuple[str, ...] = ()
    extent: str = ""
    example: str = ""
    denied_example: str = ""
    is_outsider: bool = False
    is_public: bool = False


class WhoCan(msgspec.Struct, frozen=True):
    """Principals that may (`allowed`), that may if some condition holds or some document says so
    (`conditional`), and about whose policies nothing was ever seen (`unknown`). `notes` say in words whom else
    the resource's policy names."""

    allowed: tuple[Holder, ...]
    conditional: tuple[Holder, ...]
    unknown: tuple[Holder, ...]
    notes: tuple[str, ...] = ()


class _Lists:
    """The three lists while they are filled."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._allowed: list[Holder] = []
        self._conditional: list[Holder] = []
        self._unknown: list[Holder] = []

    def add(self, holder: Holder, entity: Entity | None, is_unseen: bool = False) -> None:
        if holder.decision.allowed:
            self._allowed.append(holder)
        elif holder.decision.effect == "conditional":
            is_unknown = is_unseen or (entity is not None and never_seen(self._directory, entity))
            (self._unknown if is_unknown else self._conditional).append(holder)

    def whole(self, notes: tuple[str, ...]) -> WhoCan:
        allowed, conditional, unknown = (
            tuple(sorted(found, key=answer_order)) for found in (self._allowed, self._conditional, self._unknown)
        )
        return WhoCan(allowed, conditional, unknown, notes)


class WhoCanFound(NamedTuple):
    """What `WhoCan` is made of: those that are allowed it for certain, most of those that may on a condition, and most
    of those about whose policies nothing was ever seen, as columns; and `rest`, an answer that has the others alone."""

    sure: SurelyAllowed | None
    on_condition: OnCondition | None
    unseen: OnCondition | None
    rest: WhoCan

    def whole(self) -> WhoCan:
        """The answer that has all of them."""
        rest = self.rest
        allowed, conditional, unknown = (
            tuple(sorted((*_holders_of(columns), *others), key=answer_order))
            for columns, others in (
                (self.sure, rest.allowed), (self.on_condition, rest.conditional), (self.unseen, rest.unknown),
            )
        )  # fmt: skip
        return msgspec.structs.replace(rest, allowed=allowed, conditional=conditional, unknown=unknown)


def _holders_of(columns: SurelyAllowed | OnCondition | None) -> Iterator[Holder]:
    for who, decision in () if columns is None else columns.decisions():
        yield Holder(who.arn, who.key[1], who.key[0], who.key[2], decision, why_of(decision))


def who_can(
    directory: Directory,
    action: str,
    resource: str,
    *,
    account: str | None = None,
    resource_account: str | None = None,
    context: ContextValues | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> WhoCan:
    """Asks about every user, role and account root of the Directory (or of one account), and about all others whom
    the resource's own policy names.

    A resource with `*` or `?` stands for all that it matches: the answer says how much of it each principal may.
    Raises TooMuch where that takes more than is computed for one answer.
    """
    asked = Asked(action=action, resource_account=resource_account, context=context or {}, mode=mode)
    return find_who_can(directory, asked, resource, account).whole()


def find_who_can(directory: Directory, asked: Asked, resource: str, account: str | None = None) -> WhoCanFound:
    """As `who_can`; those who may be many stay columns. Raises TooMuch."""
    action = asked.action
    together: Together | None = None
    if not is_pattern(resource):
        directory = directory.about(action.lower())
    engine = engine_of(directory)
    lists = _Lists(directory)
    ask: Callable[[str, Entity | None], Holder]
    if is_pattern(resource):
        index = Index(directory, (action, resource))
        within = Within(directory, resource, asked)
        targets = [engine.target(asked.of("", entity.arn), entity.account) for entity in within.known]
        entities = [index.principals[number] for number in index.may_within(action, resource, targets)]
        entities = [entity for entity in entities if account in (None, entity.account)]
        within.require_few(len(entities))

        def ask(arn: str, entity: Entity | None) -> Holder:
            return _holder(arn, entity, within.extent(arn))
    else:
        targets = [engine.target(asked.of("", resource), "")]

        def ask(arn: str, entity: Entity | None) -> Holder:
            decision = authorize(directory, asked.of(arn, resource))
            return Holder(*_named(arn, entity), decision, why_of(decision))

        together = decided_together(directory, asked, resource, account)
        entities = _indexed(directory, asked, resource, account, None if together is None else together.apart)
        for decided in () if together is None else together.decided:
            own_account, kind, unique_id = decided.key
            why = why_of(decided.decision)
            holder = Holder(decided.principal, kind, own_account, unique_id, decided.decision, why)
            lists.add(holder, None, decided.is_unseen)
    for each in directory.accounts():
        if account in (None, each):
            lists.add(ask(f"arn:{directory.partition(each)}:iam::{each}:root", None), None)
    for entity in entities:
        lists.add(ask(directory.arn_of(entity), entity), entity)
    policies = [target.policy for target in targets if target.policy is not None]
    owners = [target.owner for target in targets if target.owner is not None and is_account_id(target.owner)]
    named = named_outsiders(directory, policies, action.lower(), partition_of(resource), owners)
    let_in = set[str]()
    for name, caller in named.callers.items():
        if account in (None, caller.account):
            for each in (name, *others_of(caller)):
                holder = ask(each, None)
                if holder.decision.effect in ("allow", "conditional"):
                    lists.add(_outsider(directory, holder), None)
                    let_in.add(name)
                    break
    notes = [f"a policy of {resource} names {name}, which nobody has seen in its account" for name in named.absent]
    strange = dict.fromkeys(owner for owner in owners if directory.mode(owner) is None)
    notes += [f"nothing is known of {owner}, whose resource it is: who of it may is not known" for owner in strange]
    early = dict.fromkeys(owner for owner in owners if directory.mode(owner) == NOT_YET)
    notes += [f"{owner}, whose resource it is, is governed here and was not there yet" for owner in early]
    notes += narrowed(policies, action.lower(), set(named.callers) - let_in)
    columns = (None, None, None) if together is None else (together.sure, together.on_condition, together.unseen)
    return WhoCanFound(*columns, lists.whole(tuple(notes)))


def _indexed(
    directory: Directory, asked: Asked, resource: str, account: str | None, among: list[Entity] | None
) -> list[Entity]:
    """The users and roles, of all or among some, that are not denied for certain."""
    index = Index(directory, (asked.action, resource), among)
    found = index.who(
        asked.action, resource, asked.context, asked.resource_account, discover=asked.mode == "discover"
    )  # fmt: skip
    # Whoever the index does not name is denied; about the others the engine says why.
    entities = (index.principals[number] for number in found.allowed | found.unsettled)
    return [entity for entity in entities if account in (None, entity.account)]


def _named(arn: str, entity: Entity | None) -> tuple[str, str, str, str]:
    if entity is None:
        caller = parse_caller(arn)
        return arn, caller.kind, caller.account, caller.account if caller.kind == "root" else ""
    return arn, entity.kind, entity.account, entity.id


def _holder(arn: str, entity: Entity | None, found: Share) -> Holder:
    shown = found.allowed or found.conditional or found.denied or ("", Decision(effect="conditional"))
    example, decision = shown
    denied = found.denied or (found.conditional if found.allowed else None)
    why = why_of(decision) if found.how != "unclear" else ("its policies cut the pattern into too many parts",)
    return Holder(*_named(arn, entity), decision, why, found.how, example, denied[0] if denied else "")


def answer_order(holder: Holder) -> tuple[bool, bool, str, str]:
    """By which the holders of a list are sorted."""
    return (holder.is_outsider, holder.kind != "root", holder.principal, holder.unique_id)


def why_of(decision: Decision) -> tuple[str, ...]:
    """In words, what is unknown or missing."""
    return (*decision.unknown, *(f"depends on {key}" for key in decision.missing_context))


def _outsider(directory: Directory, holder: Holder) -> Holder:
    return msgspec.structs.replace(
        holder,
        why=(*holder.why, *_terms(holder.decision)),
        is_outsider=directory.mode(holder.account) is None or holder.kind == "provider",
        is_public=holder.kind == "anonymous",
    )


def _terms(decision: Decision) -> tuple[str, ...]:
    """The conditions that narrow whom a statement lets in, or keeps out, in words."""
    return tuple(
        f"{'only if' if each.effect == 'Allow' else 'unless'} {each.operator} {each.key} {', '.join(each.values)}"
        for each in decision.residual
    )
