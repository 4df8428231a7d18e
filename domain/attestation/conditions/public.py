"""No resource lets in everybody, or accounts that are not known: by its own policy, as the engine decides about it.

A grant that a condition limits to fixed accounts, organisations, networks or resources is not public.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (the meaning of
"public")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, Standing
from erstwhile.domain.attestation.conditions.samples import actions_like
from erstwhile.domain.attestation.judged import name_of
from erstwhile.domain.attestation.selected import Selected
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.clock_instants import clock_instants
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.fact_changes import FactChange, changes_at, told_in_order
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.policy.language.document import MalformedDocument, Statement, parse_document
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.questions.outsiders import ANYBODY, named_outsiders, others_of
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import Questions

_SAYS = (attributes.POLICY, attributes.STATEMENT, attributes.TRUST)
_GUARDS = (attributes.GUARDRAIL, attributes.TARGET, attributes.NODE, attributes.POLICY_TYPE, attributes.ORGANIZATION)
LIMITING_KEYS = frozenset(
    (
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
        "aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc",
        "aws:sourcevpce", "aws:userid", "aws:username", "kms:calleraccount", "kms:viaservice", "aws:vpcsourceip",
        "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "sts:externalid", "aws:principalisawsservice",
        "lambda:functionurlauthtype", "elasticfilesystem:accessedviamounttarget",
    )
)  # fmt: skip
"""Condition keys that keep a grant from being public."""


class NotOpenTo(Condition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.21; SOC 2 CC6.1; NIST AC-3. `to`: everybody, or accounts that are not known here, too.
    `excepting`: resources that may be open, by ARNs or patterns."""

    to: Literal["everybody", "unknown-accounts"] = "everybody"
    excepting: tuple[str, ...] = ()

    def words(self) -> str:
        whom = "everybody" if self.to == "everybody" else "everybody or an account that is not known"
        return f"no policy of a resource or role lets in {whom}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        yield "not-open-to judges policies: public access blocks, ACLs and shared snapshots are not in the state"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        excepted = Selected(self.excepting)
        keys = [key for each in _SAYS for key in ground.history.having(each)]
        turns = _guardrail_instants(ground)
        for key in dict.fromkeys(keys):
            if key[0] in ground.accounts:
                yield from self._of_resource(ground, key, turns, excepted)

    def _of_resource(
        self, ground: Ground, key: EntityKey, guards: list[datetime], excepted: Selected
    ) -> Iterator[Lapse]:
        every = ground.history.intervals_of(key)
        rows = [each for each in every if each.attribute in (*_SAYS, attributes.ENTITY)]
        if not any(_may_name_strangers(each, self.to == "everybody") for each in rows):
            return
        edges = {*instants_of(rows), *guards, *_clock(rows)}
        instants = [ground.begin, *sorted(at for at in edges if ground.begin < at < ground.end), ground.end]
        open_run: tuple[Standing, str, datetime] | None = None
        subject = name_of(ground, key, every, ground.end)
        if excepted.has(subject):
            return
        for at in instants:
            found = self._at(ground, key, at) if at < ground.end else None
            if open_run is not None and found != open_run[:2]:
                standing, why, begin = open_run
                yield Lapse(
                    account=key[0], subject=subject, standing=standing, why=why, begin=begin, end=at,
                    begun_by=_turn(rows, begin) if begin > ground.begin else (),
                    ended_by=_turn(rows, at) if at < ground.end else (),
                )  # fmt: skip
                open_run = None
            if found is not None and open_run is None:
                open_run = (*found, at)

    def _at(self, ground: Ground, key: EntityKey, at: datetime) -> tuple[Standing, str] | None:
        """What is wrong with a resource at an instant; None where nothing is."""
        directory = directory_at(ground.history, at)
        entity = directory.get(*key)
        if entity is None:
            return None
        return exposed(directory, entity, self.to == "everybody")


class _Grant(NamedTuple):
    action: str
    resource: str


def exposed(directory: Directory, entity: Entity, everybody_alone: bool = True) -> tuple[Standing, str] | None:
    """Whether the policies of a resource or role let in everybody (or, too, an account that is not known): in words,
    and whether that is sure; None where they do not."""
    questions = Questions(directory)
    unclear: str | None = None
    for name, whom in _strangers(directory, entity, everybody_alone).items():
        for grant in _grants(entity, directory.arn_of(entity)):
            ask = Ask((grant.action,), grant.resource, (), entity.account)
            how = questions.best(Node(name), ask).how
            if how == "allow":
                return "broken", f"it lets in {whom}: {grant.action}"
            if how == "conditional" and unclear is None and not _is_limited(questions, name, grant, ask):
                unclear = f"it may let in {whom}: {grant.action}, under a condition that no record settles"
            elif how == "unknown" and unclear is None:
                unclear = f"it may let in {whom}: {grant.action}, by a policy that was never seen"
    return None if unclear is None else ("unknown", unclear)


def _is_limited(questions: Questions, name: str, grant: _Grant, ask: Ask) -> bool:
    found = questions.best(Node(name), ask).resource
    decision = questions.decide(Node(name), grant.action, found or grant.resource, ask)
    return any(key.lower() in LIMITING_KEYS for key in decision.missing_context)


def _strangers(directory: Directory, entity: Entity, everybody_alone: bool) -> dict[str, str]:
    """Whom the policies name who is everybody, or of an account that is not known: the name that is asked about → in
    words."""
    layer = Layer("resource", resource_sources(entity))
    partition = partition_of(directory.arn_of(entity))
    found: dict[str, str] = {}
    for name, caller in named_outsiders(directory, [layer], None, partition, ()).callers.items():
        if name == ANYBODY:
            found[name] = "everybody"
        elif not everybody_alone and caller.account and directory.mode(caller.account) is None:
            found[(others_of(caller)[:1] or (name,))[0]] = f"account {caller.account}, which is not known"
    return found


def _grants(entity: Entity, arn: str) -> Iterator[_Grant]:
    """What the statements that allow something speak of: single actions, each on the statement's resources."""
    documents = [fact.value.get("document") for fact in entity.resource_policies.values()]
    documents += [entity.trust_policy]
    documents += [_as_document(fact.value["statement"]) for fact in entity.policy_statements.values()]
    for document in documents:
        for statement in _statements(document):
            if statement.allows:
                for action in actions_like(statement, arn):
                    for resource in statement.resources or (arn,):
                        yield _Grant(action, resource)


def _as_document(statement: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'


def _statements(document: str | None) -> list[Statement]:
    if not document:
        return []
    try:
        return list(parse_document(document).statements)
    except MalformedDocument:
        return []


def _may_name_strangers(row: Interval, everybody_alone: bool) -> bool:
    """Whether a policy may name somebody who is everybody (or of another account), as far as a look at its text tells;
    one that was never seen may."""
    if row.attribute not in _SAYS:
        return False
    text = str(row.value.get("document") or row.value.get("statement") or "")
    words = ('"*"', "otPrincipal", "\\u") if everybody_alone else ("rincipal", "\\u")
    return not text or any(each in text for each in words)


def _clock(rows: Iterable[Interval]) -> Iterator[datetime]:
    for row in rows:
        document = row.value.get("document")
        if document and "ime" in document:
            try:
                yield from clock_instants(compile_document(document, True).statements)[0]
            except MalformedDocument:
                continue


def _guardrail_instants(ground: Ground) -> list[datetime]:
    rows = [each for attribute in _GUARDS for each in ground.history.with_attribute(attribute)]
    return instants_of(rows)


def _turn(rows: list[Interval], at: datetime) -> tuple[FactChange, ...]:
    return told_in_order(changes_at([each for each in rows if at in (each.valid_from, each.valid_to)], at))
