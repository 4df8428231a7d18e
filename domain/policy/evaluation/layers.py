# mypyc: compiled
"""What the policies of one layer say about one action: prepared once, asked for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from erstwhile.domain.policy.evaluation.evaluation import Evaluation, Standing
from erstwhile.domain.policy.evaluation.exemptions import has_own_rules
from erstwhile.domain.policy.evaluation.logic import Verdicts
from erstwhile.domain.policy.inputs.caller import AS_ROLE, DIRECTLY, NOT_NAMED, Caller, is_exempt, strength
from erstwhile.domain.policy.inputs.context import Context
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument, Statement
from erstwhile.domain.policy.language.kleene import Kleene, kleene_and, kleene_or
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document


class Cell:
    """The statements of one layer about one action. `why` says what of the layer is not known."""

    __slots__ = ("_always", "_always_denying", "_fixed", "_open", "why")

    def __init__(self, found: Iterable[Standing], why: tuple[str, ...] = ()) -> None:
        self.why = why
        self._always: list[Standing] = []
        self._always_denying: list[Standing] = []
        self._fixed: list[Standing] = []
        self._open: list[Standing] = []
        for each in found:
            statement = each[0]
            if statement.is_always:
                (self._always if statement.allows else self._always_denying).append(each)
            else:
                (self._fixed if statement.is_fixed else self._open).append(each)

    def verdict_for_all(
        self, resource: str, context: Context, depends: Callable[[CompiledStatement], bool]
    ) -> tuple[Kleene, Kleene] | None:
        """(allows, denies) for whoever asks; None where that differs from caller to caller, as `depends` tells."""
        if self.why:
            return None
        allows: Kleene = bool(self._always)
        denies: Kleene = bool(self._always_denying)
        for statement, _, _ in (*self._fixed, *self._open):
            if not statement.may_cover(resource):
                continue
            if not statement.is_fixed and depends(statement):
                return None
            verdict = statement.bears_on(resource, context)
            if statement.allows:
                allows = kleene_or((allows, verdict))
            else:
                denies = kleene_or((denies, verdict))
        return allows, denies

    def keys_read(self, resource: str) -> frozenset[str]:
        """The condition keys (lower case) that its statements about a resource look at."""
        found: frozenset[str] = frozenset()
        for statement, _, _ in self._open:
            if statement.may_cover(resource):
                found |= statement.keys_read
        return found

    def judge(self, question: Evaluation) -> Kleene:
        """Whether the layer allows; what denies and what determines goes to the question."""
        allows: Kleene = bool(self._always)
        if allows:
            question.allowing.extend(self._always)
        if self._always_denying:
            question.denies = True
            question.denying.extend(self._always_denying)
        for each in self._fixed:
            statement = each[0]
            if statement.covers(question.resource):
                if statement.allows:
                    allows = True
                    question.allowing.append(each)
                else:
                    question.denies = True
                    question.denying.append(each)
        if self._open:
            for each in self._open:
                statement = each[0]
                if not statement.may_cover(question.resource):
                    continue
                verdict = statement.holds(question.resource, question.context)
                if verdict is False:
                    continue
                if verdict is None:
                    question.undecided.append(each)
                if statement.allows:
                    if verdict:
                        allows = True
                        question.allowing.append(each)
                    elif allows is False:
                        allows = None
                elif verdict:
                    question.denies = True
                    question.denying.append(each)
                elif question.denies is False:
                    question.denies = None
        if self.why:
            question.unknown.extend(self.why)
            question.denies = kleene_or((question.denies, None))
            allows = kleene_or((allows, None))
        return allows


class ResourceCell:
    """The statements of a policy with principals (of a resource, role or endpoint) about one action."""

    __slots__ = ("_found", "why")

    def __init__(
        self,
        found: Iterable[Standing],
        why: tuple[str, ...] = (),
    ) -> None:
        self._found = tuple(found)
        self.why = why

    def keys_read(self, resource: str) -> set[str]:
        """The condition keys (lower case) that its statements about a resource look at."""
        found: set[str] = set()
        for statement, _, _ in self._found:
            if statement.may_cover(resource):
                found |= statement.keys_read
        return found

    def judge(self, question: Evaluation, verdicts: Verdicts) -> None:
        """Notes how the policy names and allows the caller, and whether it denies."""
        caller, context = question.caller, question.context
        for each in self._found:
            statement, source, _ = each
            named = how_named(statement.statement, caller, source.saved, question.has_boundary)
            if not named:
                continue
            verdict = statement.bears_on(question.resource, context)
            if verdict is False:
                continue
            if verdict is None:
                question.undecided.append(each)
            if not statement.allows:
                question.denies = kleene_or((question.denies, verdict))
                if verdict:
                    question.denying.append(each)
                continue
            if named == DIRECTLY:
                verdicts.directly = kleene_or((verdicts.directly, verdict))
            elif named == AS_ROLE:
                verdicts.as_role = kleene_or((verdicts.as_role, verdict))
            else:
                verdicts.as_account = kleene_or((verdicts.as_account, verdict))
            if verdict:
                question.allowing.append(each)
        if self.why:
            question.unknown.extend(self.why)
            question.denies = kleene_or((question.denies, None))
            verdicts.directly = kleene_or((verdicts.directly, None))


def how_named(statement: Statement, caller: Caller, saved: datetime | None, has_boundary: bool) -> int:
    """How strongly a statement's Principal or NotPrincipal means the caller; a deny counts any name.

    A Deny with NotPrincipal always means whoever has a permissions boundary; an Allow with it leaves out whoever is
    named, by whichever of its names.

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


_OF_IDENTITIES = ("identity", "permissions_boundary", "session")
"""Layers whose policies say of a principal what it may: IAM completes their ARNs."""


class Layer:
    """Policies of one layer, and their cells by action."""

    __slots__ = (
        "_alone",
        "_cells",
        "_compiled",
        "_leaves_out",
        "_resource_cells",
        "_sessions",
        "name",
        "sources",
        "why",
    )

    def __init__(self, name: str, sources: Iterable[Source], why: Iterable[str] = ()) -> None:
        self.name = name
        self.sources = tuple(sources)
        unread = list(why)
        self._compiled = []
        for source in self.sources:
            if source.document is None:
                unread.append(source.why or f"the document of {source.policy} was never seen")
                continue
            try:
                self._compiled.append((source, compile_document(source.document, name in _OF_IDENTITIES)))
            except (MalformedDocument, UnknownOperator) as error:
                unread.append(f"{source.policy} cannot be read: {error}")
        self.why = tuple(dict.fromkeys(unread))
        self._cells: dict[str, Cell] = {}
        self._alone: dict[str, Cell | None] = {}
        self._resource_cells: dict[str, ResourceCell] = {}
        self._sessions: tuple[str, ...] | None = None

    def sessions_of(self, caller: Caller) -> list[str]:
        """The names of sessions of a role that its statements name."""
        if self._sessions is None:
            self._sessions = tuple(
                {
                    name: None
                    for _, document in self._compiled
                    for compiled in document.statements
                    for _, name in (*(compiled.statement.principals or ()), *(compiled.statement.not_principals or ()))
                    if ":assumed-role/" in name
                }
            )
        prefix = caller.sessions_prefix if self._sessions else ""
        return [name[len(prefix) :] for name in self._sessions if name.startswith(prefix)]

    def cell(self, action: str) -> Cell:
        """For policies without principals. `action` in lower case."""
        found = self._cells.get(action)
        if found is None:
            about = [
                (statement, source, self.name)
                for source, document in self._compiled
                for statement in document.about(action)
            ]
            if len(self._cells) >= MAX_CELLS:
                self._cells.clear()
            found = self._cells[action] = Cell(about, self.why)
        return found

    def alone(self, action: str) -> Cell | None:
        """The cell of an action as a request writes it; None where its service has rules of its own."""
        if action in self._alone:
            return self._alone[action]
        lowered = action.lower()
        found = None if has_own_rules(lowered) else self.cell(lowered)
        if len(self._alone) >= MAX_CELLS:
            self._alone.clear()
        self._alone[action] = found
        return found

    def resource_cell(self, action: str) -> ResourceCell:
        """For policies that name principals. `action` in lower case."""
        found = self._resource_cells.get(action)
        if found is None:
            about = [
                (statement, source, self.name)
                for source, document in self._compiled
                for statement in document.about(action)
            ]
            if len(self._resource_cells) >= MAX_CELLS:
                self._resource_cells.clear()
            found = self._resource_cells[action] = ResourceCell(about, self.why)
        return found

    def statements(self) -> Iterable[tuple[Source, CompiledStatement]]:
        for source, document in self._compiled:
            for statement in document.statements:
                yield source, statement


MAX_CELLS = 2_000
"""Actions that a layer remembers: requests may make them up."""


class Levels:
    """Guardrails of one kind: the policies at the root, at each unit, and at the account. Each level must allow."""

    __slots__ = ("layers",)

    def __init__(self, name: str, levels: Iterable[Iterable[Source]], why: Iterable[str] = ()) -> None:
        self.layers = tuple(Layer(name, level, why if not index else ()) for index, level in enumerate(levels))

    def judge(self, action: str, question: Evaluation) -> Kleene:
        return kleene_and([layer.cell(action).judge(question) for layer in self.layers])
