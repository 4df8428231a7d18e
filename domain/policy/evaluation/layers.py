# mypyc: compiled
"""What the policies of one layer say about a request: plainly, statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from erstwhile.domain.policy.evaluation.evaluation import Evaluation, PlacedStatement
from erstwhile.domain.policy.evaluation.logic import Grants
from erstwhile.domain.policy.inputs.caller import AS_ROLE, DIRECTLY, NOT_NAMED, Caller, is_exempt, strength
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument, Statement
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or
from erstwhile.domain.policy.language.statement import (
    CompiledDocument,
    CompiledStatement,
    Documents,
    compile_document,
)

OF_IDENTITIES = ("identity", "permissions_boundary", "session")
"""Layers whose policies say of a principal what it may: IAM completes their ARNs."""


class Layer:
    """The policies of one layer. `why` says what of them is not known."""

    def __init__(
        self, name: str, sources: Iterable[Source], why: Iterable[str] = (), own: Documents | None = None
    ) -> None:
        """`own`: the documents that are kept with layers like this."""
        self.name = name
        self.sources = tuple(sources)
        unread = list(why)
        placed: list[PlacedStatement] = []
        self.documents: list[tuple[CompiledDocument, int]] = []
        """The documents that can be read, and the place of the first statement of each in `placed`."""
        for source in self.sources:
            if source.document is None:
                unread.append(source.why or f"the document of {source.policy} was never seen")
                continue
            try:
                document = compile_document(source.document, name in OF_IDENTITIES, own)
            except (MalformedDocument, UnknownOperator) as error:
                unread.append(f"{source.policy} cannot be read: {error}")
                continue
            self.documents.append((document, len(placed)))
            placed += [(statement, source, name) for statement in document.statements]
        self.placed = tuple(placed)
        """The statements of all of its policies."""
        self.why = tuple(dict.fromkeys(unread))

    def about(self, action: str) -> tuple[PlacedStatement, ...]:
        """The statements that speak of an action (lower case)."""
        return tuple([each for each in self.placed if each[0].speaks_of(action)])

    def verdict(self, action: str, evaluation: Evaluation) -> Kleene:
        """Whether policies without principals allow an action (lower case). What denies, and what decides, is recorded
        in the evaluation: first the statements about every resource, then those without conditions."""
        allows: Kleene = False
        first = len(evaluation.undecided)
        for placed in sorted(self.about(action), key=_needs):
            statement = placed[0]
            applies = statement.bears_on(evaluation.resource, evaluation.context)
            evaluation.record(placed, applies)
            if statement.allows:
                allows = kleene_or((allows, applies))
        if allows is None:
            evaluation.record_open_layer(first)
        if self.why:
            evaluation.record_unknown(self.why)
            allows = kleene_or((allows, None))
        return allows

    def grants(self, action: str, evaluation: Evaluation) -> Grants:
        """How policies with principals (of a resource, role or endpoint) name the caller and allow it an action (lower
        case). What denies, and what decides, is recorded in the evaluation."""
        return self.grants_of(self.about(action), evaluation)

    def grants_of(self, about: Iterable[PlacedStatement], evaluation: Evaluation) -> Grants:
        """The same of statements that were found already."""
        found = Grants()
        first = len(evaluation.undecided)
        for placed in about:
            statement, source, _ = placed
            named = how_named(statement.statement, evaluation.caller, source.saved, evaluation.has_boundary)
            if named == NOT_NAMED:
                continue
            applies = statement.bears_on(evaluation.resource, evaluation.context)
            evaluation.record(placed, applies)
            if not statement.allows:
                continue
            if named == DIRECTLY:
                found.directly = kleene_or((found.directly, applies))
            elif named == AS_ROLE:
                found.as_role = kleene_or((found.as_role, applies))
            else:
                found.as_account = kleene_or((found.as_account, applies))
        for placed in evaluation.undecided[first:]:
            statement, source, _ = placed
            named = how_named(statement.statement, evaluation.caller, source.saved, evaluation.has_boundary)
            if statement.allows and not found.settle(named):
                evaluation.would_allow.append(placed)
        if self.why:
            evaluation.record_unknown(self.why)
            found.directly = kleene_or((found.directly, None))
        return found

    def verdict_for_all(
        self, action: str, resource: str, context: Context, depends: Callable[[CompiledStatement], bool]
    ) -> tuple[Kleene, Kleene] | None:
        """(allows, denies) whatever the caller; None where that differs from caller to caller, as `depends` says of a
        statement. `action` in lower case."""
        if self.why:
            return None
        allows: Kleene = False
        denies: Kleene = False
        for statement, _, _ in self.about(action):
            if not statement.may_cover(resource):
                continue
            if not statement.is_fixed and depends(statement):
                return None
            applies = statement.bears_on(resource, context)
            if statement.allows:
                allows = kleene_or((allows, applies))
            else:
                denies = kleene_or((denies, applies))
        return allows, denies

    def named_sessions(self) -> tuple[str, ...]:
        """The ARNs of role sessions that its statements name."""
        names = [
            name
            for statement, _, _ in self.placed
            for _, name in (*(statement.statement.principals or ()), *(statement.statement.not_principals or ()))
        ]
        return tuple(dict.fromkeys([name for name in names if ":assumed-role/" in name]))

    def has_not_principal(self) -> bool:
        """Whether a statement, of whatever action, has NotPrincipal."""
        return any(statement.statement.not_principals is not None for statement, _, _ in self.placed)

    def statements(self) -> Iterable[tuple[Source, CompiledStatement]]:
        return [(source, statement) for statement, source, _ in self.placed]


def _needs(placed: PlacedStatement) -> int:
    """How much of a request a statement has to look at: the action alone, the resource, or the context too."""
    statement = placed[0]
    return 0 if statement.is_always else 1 if statement.is_fixed else 2


class Levels:
    """Guardrails of one kind: the policies at the root, at each unit, and at the account. Each level must allow."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers = tuple(layers)

    def verdict(self, action: str, evaluation: Evaluation) -> Kleene:
        return kleene_and([layer.verdict(action, evaluation) for layer in self.layers])


def how_named(statement: Statement, caller: Caller, saved: datetime | None, has_boundary: bool) -> int:
    """How strongly a statement's Principal or NotPrincipal means the caller; a deny counts any name.

    A Deny with NotPrincipal always means a caller with a permissions boundary; an Allow with it leaves out each caller
    that any of the names means.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    and …/access_policies_boundaries.html
    """
    if statement.principals is not None:
        return strength(caller, statement.principals, saved)
    if statement.not_principals is None:
        return NOT_NAMED
    if statement.allows:
        return NOT_NAMED if strength(caller, statement.not_principals, saved) else DIRECTLY
    return NOT_NAMED if not has_boundary and is_exempt(caller, statement.not_principals, saved) else DIRECTLY
