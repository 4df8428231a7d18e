"""Outsiders: those whom a resource's own policy names and who are no user, role or root of a known account.

They are found from the statements that allow the action: accounts, users, roles and sessions elsewhere, services,
identity providers, and anybody. Conditions on the caller in a statement of `Principal: *` may say who else it lets in
(`aws:PrincipalArn`, `aws:PrincipalAccount`).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.caller import Caller, account_named, parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, principal_entity
from erstwhile.domain.policy.language.document import ConditionEntry, Statement
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.identifiers import MalformedArn

ANYBODY = "*"
_NAMING_KEYS = frozenset(("aws:principalarn", "aws:principalaccount", "aws:principalservicename"))
_NAMING_OPERATORS = frozenset(
    f"{family}{negation}{test}"
    for family in ("string", "arn")
    for negation in ("", "not")  # of a Deny: those whom it leaves out
    for test in ("equals", "equalsignorecase", "like")
)


class Named:
    """Whom policies name: `callers` can be asked about, `absent` are missing from an account that is known."""

    def __init__(self) -> None:
        self.callers: dict[str, Caller] = {}
        self.absent: list[str] = []


def named_outsiders(
    directory: Directory, policies: Iterable[Layer], action: str | None, partition: str, owners: Iterable[str]
) -> Named:
    """Those whom the policies of a resource name for an action (lower case; None: for any), and the resource's own
    account."""
    found = Named()
    # Of an owner that is not there yet, nobody is, its root least of all.
    names = [_root(partition, owner) for owner in owners if directory.mode(owner) is None]
    names += [name for policy in policies for name in _names(policy, action, partition)]
    for name in dict.fromkeys(names):
        try:
            caller = parse_caller(name)
        except MalformedArn:
            continue  # a unique id: its principal was deleted, or is one of the known users and roles
        if caller.kind == "root" and directory.mode(caller.account) not in (None, NOT_YET):
            continue
        try:
            entity = principal_entity(directory, caller)
        except UnknownPrincipal:
            found.absent.append(name)
            continue
        if entity is None or caller.kind == "session":
            found.callers[name] = caller
    return found


def _names(policy: Layer, action: str | None, partition: str) -> Iterator[str]:
    if policy.why:
        yield ANYBODY  # what was never seen may let in whomever
    for _, compiled in policy.statements():
        if action is None or compiled.speaks_of(action):
            for name in _of_statement(compiled.statement):
                account = account_named(name)
                yield _root(partition, account) if account == name else name


def _root(partition: str, account: str) -> str:
    return f"arn:{partition}:iam::{account}:root"


def _of_statement(statement: Statement) -> Iterator[str]:
    """Whom it may let in: whom it allows by name, or leaves out of what it denies."""
    if statement.allows and statement.not_principals is not None:
        yield ANYBODY
    for _, name in (statement.principals if statement.allows else statement.not_principals) or ():
        yield name
    for condition in statement.conditions:
        yield from _of_condition(condition)


def _of_condition(condition: ConditionEntry) -> Iterator[str]:
    """The callers that a condition on the caller names in full."""
    operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    if condition.key.lower() in _NAMING_KEYS and operator in _NAMING_OPERATORS:
        yield from (value for value in condition.values if not set(value) & set("*?$"))


def others_of(caller: Caller) -> tuple[str, ...]:
    """Who else stands for an account, where its root may not (it assumes no roles): any role of it."""
    if caller.kind != "root" or not caller.account:
        return ()
    return (f"arn:{caller.partition}:iam::{caller.account}:role/*",)


def narrowed(policies: Iterable[Layer], action: str, out: set[str]) -> Iterator[str]:
    """Says in words which statements let in many principals under conditions, if the principals that stand for the many
    (`out`: an account's root, anybody) do not meet the conditions and others may."""
    accounts = {account_named(name) for name in out} - {""}
    about = [(s, c) for policy in policies for s, c in policy.statements() if c.speaks_of(action)]
    denied = [f"not ({_terms(compiled)})" for _, compiled in about if not compiled.allows and _narrows(compiled)]
    for source, compiled in about:
        if compiled.allows and (denied or _narrows(compiled)):
            names = dict.fromkeys(_of_statement(compiled.statement))
            many = ["anybody who meets"] if ANYBODY in names and ANYBODY in out else []
            of = dict.fromkeys(account_named(name) for name in names)
            many += [f"principals of {account} who meet" for account in of if account in accounts]
            meets = "; ".join([*([_terms(compiled)] if _narrows(compiled) else ()), *denied])
            where = f"statement {compiled.statement.index} of {source.policy}"
            yield from (f"{where} lets in {each}: {meets}" for each in many)


def _narrows(compiled: CompiledStatement) -> bool:
    return not compiled.is_fixed or (compiled.statement.not_principals is not None and not compiled.allows)


def _terms(compiled: CompiledStatement) -> str:
    """What a statement asks for beside action and resource."""
    statement = compiled.statement
    found = [f"{each.operator} {each.key} {', '.join(each.values)}" for each in statement.conditions]
    if compiled.varies:
        found.append(f"the variables of {', '.join(statement.resources or statement.not_resources or ())}")
    if statement.not_principals is not None:
        found.append(f"NotPrincipal {', '.join(name for _, name in statement.not_principals)}")
    return "; ".join(found)
