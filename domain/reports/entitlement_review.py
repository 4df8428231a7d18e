"""Who has which access, by which grant, since when, by whom, approved by whom, and used when: what an access review
looks at. About one resource it has what the engine decides; else each statement that bears on a principal, with what
may limit it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from erstwhile.domain.approvals.approval import NO_REFERENCE, Approved, of_grant
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.reports.access_paths import (
    AccessPath,
    actions_said,
    conditions_said,
    guardrails_of,
    levels_of,
    limits_of,
    paths_at,
    paths_of,
    principals_said,
    resources_said,
    services_of,
)
from erstwhile.domain.reports.asked import Asked, Known, LastUse
from erstwhile.domain.reports.kind import Option, ReportKind
from erstwhile.domain.reports.principals import chunks, created, exception_of, owner_of, principals
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.reports.resource_access import decided_lines
from erstwhile.domain.reports.uses_of import UsesOf

COLUMNS = (
    Column("principal", "Principal"),
    Column("unique_id", "Unique id"),
    Column("type", "Type"),
    Column("owner", "Owner"),
    Column("created", "Created", "instant"),
    Column("grant_path", "Grant path"),
    Column("steps", "By way of", "list"),
    Column("policy", "Policy"),
    Column("version", "Version"),
    Column("statement", "Statement"),
    Column("effect", "Effect"),
    Column("decision", "Decision"),
    Column("services", "Services", "list"),
    Column("actions", "Actions", "list"),
    Column("access_levels", "Access levels", "list"),
    Column("resources", "Resources", "list"),
    Column("conditions", "Conditions", "list"),
    Column("limited_by", "May be limited by", "list"),
    Column("not_known", "Not known"),
    Column("granted_by", "Granted by"),
    Column("granted_at", "Granted at", "instant"),
    Column("granting_event", "Granting event", "number"),
    Column("approval", "Approval"),
    Column("approved_by", "Approved by"),
    Column("use", "Used"),
    Column("last_used", "Last used", "instant"),
    Column("exception", "Exception"),
)
_TOGETHER = 200
"""Principals whose granting events are read at once."""
_NOTES = (
    "one line for each statement of each policy that bears on a principal",
    "what a boundary, a deny or a guardrail takes away stands in lines of its own; ask about one resource for the rest",
    "by a group, the grant is the later of two events: the group got the policy, or the user came into the group",
)
_NOTES_OF_RESOURCE = (
    "one line for each statement that the policy engine found to decide, with the actions that it decides",
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An access path of somebody. `actions`: those that were decided about, where they were. `who`: an ARN, or another
    name by which a policy means somebody."""

    who: str
    kind: str
    account: str
    path: AccessPath
    entity: Entity | None = None
    decision: str = ""
    actions: tuple[str, ...] = ()
    limited_by: tuple[str, ...] = ()


def entitlement_review(asked: Asked, known: Known) -> Sequence[Section]:
    """One section, whose rows are made as they are read."""
    lines = _of_resource(asked, known) if asked.resource else _of_accounts(asked, known)
    tag = asked.options.get("owner-tag") or "owner"
    notes = _NOTES_OF_RESOURCE if asked.resource else _NOTES
    uses = UsesOf(known)
    rows = (row for some in chunks(lines, _TOGETHER * 10) for row in _rows(known, uses, some, tag))
    return [Section(name="access", title="Access", columns=COLUMNS, rows=rows, notes=notes, empty="nobody")]


def _of_accounts(asked: Asked, known: Known) -> Iterator[Line]:
    """All access paths: of each account its principals, then its guardrails, then whom its resources let in."""
    for account in asked.accounts:
        guardrails = list(guardrails_of(known.directory, account))
        for entity in principals(known, (account,)):
            who = known.directory.arn_of(entity)
            paths = list(paths_of(known.directory, entity))
            limits = limits_of(paths, bool(guardrails))
            for path in paths:
                grants = path.statement is not None and path.statement.allows and path.path != "boundary"
                yield Line(
                    who=who, kind=entity.kind, account=account, path=path, entity=entity,
                    limited_by=limits if grants else (),
                )  # fmt: skip
        for path in guardrails:
            yield Line(who=f"all of account {account}", kind="account", account=account, path=path)
        yield from _let_in(known, account)


def _let_in(known: Known, account: str) -> Iterator[Line]:
    """Whom the policies of an account's resources, and the trust policies of its roles, name."""
    for kind in ("role", "resource"):
        found = [
            each for key in known.history.of_kind(kind, account) if (each := known.directory.get(*key)) is not None
        ]
        for resource in sorted(found, key=lambda each: (known.directory.arn_of(each), each.id)):
            arn = known.directory.arn_of(resource) or resource.id
            for path in paths_at(resource):
                at = msgspec.structs.replace(path, steps=(arn,))
                names = ("somebody",) if path.statement is None else principals_said(path.statement)
                for name in names:
                    yield Line(who=name, kind="named by a resource", account=account, path=at)


def _of_resource(asked: Asked, known: Known) -> Iterator[Line]:
    for each in decided_lines(known.directory, asked.accounts, asked.resource, asked.options.get("actions", "")):
        entity = known.directory.get(each.account, each.kind, each.unique_id) if each.unique_id else None
        yield Line(
            who=each.who, kind=each.kind, account=each.account, path=each.path, entity=entity,
            decision=each.decision, actions=each.actions,
        )  # fmt: skip


def _rows(known: Known, uses: UsesOf, lines: Sequence[Line], owner_tag: str) -> Iterator[Row]:
    positions = {one for each in lines for one in (each.path.granted_by, each.path.joined_by) if one}
    happened = known.happenings.read(positions)
    approvals = known.approvals.of_events(positions)
    for line in lines:
        yield _row(known, line, happened, approvals, owner_tag, _use(known, uses, line))


def _row(
    known: Known, line: Line, happened: Mapping[int, Happening], approvals: Mapping[int, Approved], owner_tag: str,
    use: LastUse | None,
) -> Row:  # fmt: skip
    entity, path = line.entity, line.path
    statement = path.statement
    event = _granting(path, happened)
    approval, approved_by = _approved(path, approvals)
    return (
        line.who,
        entity.id if entity is not None else "",
        line.kind,
        owner_of(entity, owner_tag) if entity is not None else "",
        created(entity) if entity is not None else None,
        path.path,
        path.steps,
        path.policy,
        path.version,
        "" if statement is None else statement.sid or str(statement.index + 1),
        "" if statement is None else "Allow" if statement.allows else "Deny",
        line.decision,
        _services(line.actions) if line.actions else () if statement is None else services_of(statement),
        line.actions or (() if statement is None else actions_said(statement)),
        () if statement is None else levels_of(statement, line.actions),
        () if statement is None else resources_said(statement),
        () if statement is None else conditions_said(statement),
        line.limited_by,
        path.unknown,
        "" if event is None else event.actor or f"not known ({event.source})",
        None if event is None else _granted_at(event),
        None if event is None else event.position,
        approval,
        approved_by,
        use.words if use is not None else "",
        use.at if use is not None else None,
        exception_of(known, "entitlement-review", line.account, line.who),
    )


def _granting(path: AccessPath, happened: Mapping[int, Happening]) -> Happening | None:
    """The event since which a principal has a statement."""
    events = [happened[each] for each in (path.granted_by, path.joined_by) if each in happened]
    return max(events, key=lambda each: (each.occurred_at, each.position), default=None)


def _approved(path: AccessPath, approvals: Mapping[int, Approved]) -> tuple[str, str]:
    """What is on record of the approval of each event of a grant, and by whom, where all of them were approved."""
    grants = [each for each in (path.granted_by, path.joined_by) if each]
    if not grants:
        return "", ""
    words = dict.fromkeys(approvals.get(each, NO_REFERENCE).words for each in grants)
    whole = of_grant(approvals, grants)
    return "; ".join(words), whole.by if whole.state in ("approved", "approved_later") else ""


def _services(actions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({each.partition(":")[0] for each in actions}))


def _granted_at(event: Happening) -> datetime | None:
    """When a grant was made; None where a listing showed it only, at an instant that says nothing of its making."""
    return event.occurred_at if event.source in ("api", "cloudtrail", "bootstrap") else None


def _use(known: Known, uses: UsesOf, line: Line) -> LastUse | None:
    """When what a line grants was used last; None for a line that grants nothing to one principal."""
    entity, statement = line.entity, line.path.statement
    if entity is None or statement is None or not statement.allows or line.path.path == "boundary":
        return None
    actions = line.actions or statement.actions
    if actions is None:
        return uses.last(entity, lambda arn: known.uses.of_principal(entity.account, arn))
    return uses.last(entity, lambda arn: known.uses.of_actions(entity.account, arn, actions))


KIND = ReportKind(
    name="entitlement-review",
    title="Entitlement review",
    question="Who has which access, by which grant, since when, by whom, approved by whom, and used when last?",
    about="instant",
    make=entitlement_review,
    takes_resource=True,
    options=(
        Option(name="owner-tag", help="The tag that names the owner of a principal.", default="owner"),
        Option(
            name="actions", help="With a resource: these actions only (s3:GetObject, s3:Get*), separated by commas."
        ),
    ),
    controls=("SOC 2 CC6.1", "SOC 2 CC6.3", "ISO 27001 A.5.18", "PCI DSS 7.2.4", "NIST 800-53 AC-6(7)"),
)
