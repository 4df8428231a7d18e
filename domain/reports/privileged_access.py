"""Who is an administrator, who can become one, and who may manage permissions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.reach.administrators import Administrators
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import Path, paths_to_administrator
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.reports.access_paths import AccessPath, actions_said, levels_of, levels_of_pattern, paths_of
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.credentials import has_mfa
from erstwhile.domain.reports.kind import MalformedOption, Option, ReportKind
from erstwhile.domain.reports.principals import exception_of, owner_of, principals
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.reports.uses_of import UsesOf
from erstwhile.domain.vocabulary.numbers import parse_number

COLUMNS = (
    Column("account", "Account"),
    Column("principal", "Principal"),
    Column("unique_id", "Unique id"),
    Column("type", "Type"),
    Column("owner", "Owner"),
    Column("why", "Why"),
    Column("decision", "Decision"),
    Column("path", "Path", "list"),
    Column("steps", "Steps", "number"),
    Column("mfa", "MFA", "boolean"),
    Column("use", "Used"),
    Column("last_used", "Last used", "instant"),
    Column("exception", "Exception"),
)
ADMINISTRATOR, ESCALATION, PERMISSIONS, NOT_KNOWN = (
    "administrator", "escalation path", "permissions management", "not known",
)  # fmt: skip
_MOST_STEPS = 8
_MOST_PATHS = 10_000
_LEVEL = "Permissions management"


def privileged_access(asked: Asked, known: Known) -> Sequence[Section]:
    """One section: the administrators first, then who can become one, then the others who may manage permissions."""
    steps = parse_number(asked.options["steps"], 1, _MOST_STEPS)
    if steps is None:
        raise MalformedOption(f"steps must be a number from 1 to {_MOST_STEPS}, not {asked.options['steps'][:40]!r}")
    ways = Ways(known.directory)
    rows = (row for account in asked.accounts for row in _of_account(asked, known, ways, account, steps))
    return [Section(
        name="privileged", title="Privileged access", columns=COLUMNS, rows=rows, empty="nobody",
        notes=(
            "an administrator may do each of ten probes that its account's root may; REACH.md lists the steps of paths",
            f"paths of more than {steps} steps are not looked for; of each principal, a shortest path is shown",
            "permissions management: a statement allows an action that AWS's reference gives that access level",
        ),
    )]  # fmt: skip


def _of_account(asked: Asked, known: Known, ways: Ways, account: str, steps: int) -> Iterator[Row]:
    found = paths_to_administrator(ways, steps, _MOST_PATHS, account)
    shortest: dict[str, Path] = {}
    for path in found.paths:
        shortest.setdefault(path.source.principal, path)
    reaching = {node.principal: length for node, length in found.principals.items()}
    administrators = ways.administrators
    everybody = list(principals(known, (account,)))
    tag = asked.options["owner-tag"]
    yield _root(known, account)
    held = {entity.key: list(paths_of(known.directory, entity)) for entity in everybody}
    told = {entity.key: _administrator(known, administrators, entity, held[entity.key]) for entity in everybody}
    for entity in everybody:
        if (said := told[entity.key]) is not None:
            yield _row(known, entity, tag, *said)
    names = {known.directory.arn_of(entity) for entity in everybody}
    for entity in everybody:
        arn = known.directory.arn_of(entity)
        if told[entity.key] is None and arn in reaching:
            yield _row(known, entity, tag, *_escalation(shortest.get(arn), reaching[arn]))
    for principal in sorted(reaching.keys() - names):
        # An account, provider or principal of elsewhere that a trust lets in.
        why, decision, way, length = _escalation(shortest.get(principal), reaching[principal])
        yield (account, principal, "", "elsewhere", "", why, decision, way, length, None, "", None,
               exception_of(known, KIND.name, account, principal))  # fmt: skip
    for entity in everybody:
        if told[entity.key] is None and known.directory.arn_of(entity) not in reaching:
            actions = _managing(held[entity.key])
            if actions:
                yield _row(known, entity, tag, PERMISSIONS, "", actions, None)


def _administrator(
    known: Known, administrators: Administrators, entity: Entity, paths: Sequence[AccessPath]
) -> tuple[str, str, tuple[str, ...], int | None] | None:
    """None for somebody who is no administrator."""
    how = administrators.how(Node(known.directory.arn_of(entity)), entity.account)
    if how == "deny":
        return None
    if how == "unknown":
        return NOT_KNOWN, "unknown", tuple(dict.fromkeys(each.unknown for each in paths if each.unknown)), None
    granting = (each for each in paths if each.statement is not None and each.statement.allows)
    return ADMINISTRATOR, how, tuple(dict.fromkeys(" > ".join(each.steps) for each in granting)), 0


def _escalation(path: Path | None, length: int) -> tuple[str, str, tuple[str, ...], int | None]:
    if path is None:
        return ESCALATION, "", (), length
    return ESCALATION, path.how, tuple(f"{each.family} > {each.target.text}" for each in path.edges), len(path.edges)


def _managing(paths: Sequence[AccessPath]) -> tuple[str, ...]:
    """The actions of statements that allow something of the access level for permissions."""
    found: dict[str, None] = {}
    for each in paths:
        if each.statement is None or not each.statement.allows or each.path == "boundary":
            continue
        if _LEVEL in levels_of(each.statement):
            said = actions_said(each.statement)
            found.update(dict.fromkeys(one for one in said if each.statement.actions is None or _manages(one)))
    return tuple(found)


def _manages(pattern: str) -> bool:
    return _LEVEL in levels_of_pattern(pattern)


def _root(known: Known, account: str) -> Row:
    arn = f"arn:{known.directory.partition(account)}:iam::{account}:root"
    use = known.uses.of_principal(account, arn)
    return (account, arn, account, "root", "", ADMINISTRATOR, "allow", ("the account's root user",), 0, None,
            use.words, use.at, exception_of(known, KIND.name, account, arn))  # fmt: skip


def _row(
    known: Known, entity: Entity, tag: str, why: str, decision: str, path: tuple[str, ...], steps: int | None
) -> Row:
    arn = known.directory.arn_of(entity)
    use = UsesOf(known).last(entity, lambda name: known.uses.of_principal(entity.account, name))
    return (
        entity.account, arn, entity.id, entity.kind, owner_of(entity, tag), why, decision, path, steps,
        has_mfa(known, entity) if entity.kind == "user" else None, use.words, use.at,
        exception_of(known, KIND.name, entity.account, arn),
    )  # fmt: skip


KIND = ReportKind(
    name="privileged-access",
    title="Privileged access",
    question="Who is an administrator, who can become one and how, and who may manage permissions?",
    about="instant",
    make=privileged_access,
    options=(
        Option(name="owner-tag", help="The tag that names the owner of a principal.", default="owner"),
        Option(name="steps", help="Steps of a path at most.", default="3"),
    ),
    controls=("SOC 2 CC6.3", "ISO 27001 A.8.2", "PCI DSS 7.2.2", "NIST 800-53 AC-6(5)"),
)
