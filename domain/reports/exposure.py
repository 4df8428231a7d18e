"""Which resources and roles let in everybody, other accounts or identity providers: by their own policies, as far as
the policy engine says that nothing else in them or in guardrails denies it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from erstwhile.domain.directory.account_modes import is_there
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.caller import account_named, parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import actions_of, service_of
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.match import matches_action
from erstwhile.domain.questions.outsiders import ANYBODY, others_of
from erstwhile.domain.reports.access_paths import (
    AccessPath,
    actions_said,
    conditions_said,
    paths_at,
    principals_said,
    resources_said,
)
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import ReportKind
from erstwhile.domain.reports.principals import exception_of
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.vocabulary.identifiers import MalformedArn, account_in, is_account_id

COLUMNS = (
    Column("account", "Account"),
    Column("resource", "Resource"),
    Column("type", "Type"),
    Column("exposure", "Exposure"),
    Column("lets_in", "Lets in"),
    Column("of_account", "Of account"),
    Column("known_account", "Account is known", "boolean"),
    Column("decision", "Decision"),
    Column("actions", "Actions", "list"),
    Column("resources", "On", "list"),
    Column("conditions", "Conditions", "list"),
    Column("statement", "Statement"),
    Column("granted_by", "Put there by"),
    Column("granted_at", "Since", "instant"),
    Column("not_known", "Not known"),
    Column("exception", "Exception"),
)
PUBLIC, CROSS_ACCOUNT, PROVIDER, NOT_KNOWN = "public", "cross-account", "identity provider", "not known"
_MOST_ACTIONS = 500


def exposure(asked: Asked, known: Known) -> Sequence[Section]:
    """A line for each statement and each name in it that is elsewhere, where the engine does not deny it."""
    return [Section(
        name="exposure", title="Exposure", columns=COLUMNS, rows=_rows(asked, known), empty="nobody from elsewhere",
        notes=(
            "what another account allows its own principals is not known here, and is no condition of these lines",
            "services of AWS are left out; AccessPoints and settings that block public access are not looked at",
        ),
    )]  # fmt: skip


def _rows(asked: Asked, known: Known) -> Iterator[Row]:
    for account in asked.accounts:
        for kind in ("role", "resource"):
            found = [
                each for key in known.history.of_kind(kind, account) if (each := known.directory.get(*key)) is not None
            ]
            for entity in sorted(found, key=lambda each: (known.directory.arn_of(each), each.id)):
                arn = known.directory.arn_of(entity) or entity.id
                if asked.resource in ("", arn):
                    yield from _of(known, entity, arn)


def _of(known: Known, entity: Entity, arn: str) -> Iterator[Row]:
    for path in paths_at(entity):
        if path.statement is None:
            yield _row(known, entity, arn, path, NOT_KNOWN, "", "", "unknown", ())
        elif path.statement.allows:
            for name in dict.fromkeys(_names(path.statement)):
                yield from _let_in(known, entity, arn, path, path.statement, name)


def _names(statement: Statement) -> Iterable[str]:
    return principals_said(statement) if statement.not_principals is None else (ANYBODY,)


def _let_in(known: Known, entity: Entity, arn: str, path: AccessPath, statement: Statement, name: str) -> Iterator[Row]:
    of = account_named(name) or account_in(name)
    is_provider = (
        ":oidc-provider/" in name or ":saml-provider/" in name or ("." in name and not name.startswith("arn:"))
    )
    if name.endswith(".amazonaws.com") or (is_account_id(of) and of == entity.account and not is_provider):
        return
    what = PUBLIC if name == ANYBODY else PROVIDER if is_provider else CROSS_ACCOUNT
    decisions = {_decided(known, entity, arn, statement, name, action) for action in _actions(statement, arn)}
    if "allow" in decisions or "conditional" in decisions:
        decision = "allow" if "allow" in decisions and not statement.conditions else "conditional"
        yield _row(known, entity, arn, path, what, name, of, decision, actions_said(statement))


def _decided(known: Known, entity: Entity, arn: str, statement: Statement, name: str, action: str) -> str:
    """What the engine says of one action on one resource that the statement speaks of."""
    pattern = statement.resources[0] if statement.resources else arn
    resource = arn if pattern == "*" else pattern.replace("*", "x").replace("?", "x")
    try:
        caller = parse_caller(name if not is_account_id(name) else f"arn:aws:iam::{name}:root")
        # The root of an account may not assume roles: its roles stand for it too.
        asked = others_of(caller)[:1] or (name,)
        request = Request(
            principal=asked[0], action=action, resource=resource, resource_account=entity.account, mode="discover"
        )
        decision = authorize(known.directory, request)
        if decision.effect == "conditional" and not decision.missing_context and not decision.residual:
            return "allow"  # the policies of its own account alone are open
        return decision.effect
    except (MalformedArn, UnknownPrincipal):
        return "conditional"  # a unique id, or somebody who is no more: nobody can tell who that is


def _actions(statement: Statement, arn: str) -> tuple[str, ...]:
    """Some known action for each that the statement allows."""
    if statement.actions is None:
        return _matching(service_of(arn), "*")
    found: dict[str, None] = {}
    for pattern in statement.actions:
        service = pattern.partition(":")[0].lower()
        found.update(dict.fromkeys(_matching(service_of(arn) if "*" in service else service, pattern) or (pattern,)))
    return tuple(found)[:_MOST_ACTIONS]


@lru_cache(maxsize=4_096)
def _matching(service: str, pattern: str) -> tuple[str, ...]:
    if "*" not in pattern and "?" not in pattern:
        return (pattern,)
    return tuple(each for name in actions_of(service) if matches_action(pattern, each := f"{service}:{name}"))


def _row(
    known: Known, entity: Entity, arn: str, path: AccessPath, what: str, name: str, of: str, decision: str,
    actions: tuple[str, ...],
) -> Row:  # fmt: skip
    event = known.happenings.read([path.granted_by]).get(path.granted_by)
    statement = path.statement
    return (
        entity.account, arn, entity.kind, what, name, of,
        is_there(known.directory.mode(of)) if is_account_id(of) else None, decision, actions,
        () if statement is None else resources_said(statement), () if statement is None else conditions_said(statement),
        "" if statement is None else statement.sid or str(statement.index + 1),
        "" if event is None else event.actor or f"not known ({event.source})",
        event.occurred_at if event is not None and event.source in ("api", "cloudtrail", "bootstrap") else None,
        path.unknown, exception_of(known, KIND.name, entity.account, arn),
    )  # fmt: skip


KIND = ReportKind(
    name="exposure",
    title="Public and cross-account exposure",
    question="Which resources and roles let in everybody, other accounts or identity providers?",
    about="instant",
    make=exposure,
    takes_resource=True,
    controls=("SOC 2 CC6.1", "ISO 27001 A.5.15", "ISO 27001 A.8.3", "CIS AWS 2.1.5", "NIST 800-53 AC-3"),
)
