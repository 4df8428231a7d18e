"""What the policies of one layer say about one action: prepared once, asked for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.policy.caller import AS_ROLE, DIRECTLY, Caller, is_exempt, strength
from domain.policy.conditions import UnknownOperator
from domain.policy.context import Context, Keys
from domain.policy.document import MalformedDocument, Statement
from domain.policy.kleene import Kleene, kleene_and, kleene_or
from domain.policy.logic import Verdicts
from domain.policy.request import Determining, Request
from domain.policy.sources import Source
from domain.policy.statement import CompiledStatement, compile_document


class Question:
    """One request on its way through the layers: who, what, and what was found so far."""

    __slots__ = (
        "_context",
        "_resource_keys",
        "allowing",
        "caller",
        "denies",
        "denying",
        "request",
        "resource",
        "undecided",
        "unknown",
    )

    def __init__(self, request: Request, caller: Caller, resource_keys: Keys) -> None:
        self.request = request
        self.resource = request.resource
        self.caller = caller
        self.denies: Kleene = False
        self.allowing: list[Determining] = []
        self.denying: list[Determining] = []
        self.unknown: list[str] = []
        self.undecided: list[tuple[CompiledStatement, Determining]] = []
        self._resource_keys = resource_keys
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """Made when a condition or variable first asks."""
        if self._context is None:
            self._context = Context(self.request, self.caller.keys, self._resource_keys)
        return self._context

    @property
    def missing(self) -> set[str]:
        return set() if self._context is None else self._context.missing


class Cell:
    """The statements of one layer about one action. `why` says what of the layer is not known."""

    __slots__ = ("_always", "_always_allows", "_always_denying", "_fixed", "_open", "why")

    def __init__(self, found: Iterable[tuple[CompiledStatement, Determining]], why: tuple[str, ...] = ()) -> None:
        self.why = why
        always: list[Determining] = []
        always_denying: list[Determining] = []
        self._fixed: list[tuple[CompiledStatement, Determining]] = []
        self._open: list[tuple[CompiledStatement, Determining]] = []
        for statement, determining in found:
            if statement.is_always:
                (always if statement.allows else always_denying).append(determining)
            elif statement.is_fixed:
                self._fixed.append((statement, determining))
            else:
                self._open.append((statement, determining))
        self._always = tuple(always)
        self._always_denying = tuple(always_denying)
        self._always_allows = bool(always)

    def verdict_for_all(
        self, resource: str, context: Context, depends: Callable[[CompiledStatement], bool]
    ) -> tuple[Kleene, Kleene] | None:
        """(allows, denies) for whoever asks; None where that differs from caller to caller, as `depends` tells."""
        if self.why:
            return None
        allows: Kleene = self._always_allows
        denies: Kleene = bool(self._always_denying)
        for statement, _ in (*self._fixed, *self._open):
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

    def keys_read(self, resource: str) -> set[str]:
        """The condition keys (lower case) that its statements about a resource look at."""
        found: set[str] = set()
        for statement, _ in self._open:
            if statement.may_cover(resource):
                found |= statement.keys_read()
        return found

    def judge(self, question: Question) -> Kleene:
        """Whether the layer allows; what denies and what determines goes to the question."""
        allows: Kleene = self._always_allows
        if allows:
            question.allowing.extend(self._always)
        if self._always_denying:
            question.denies = True
            question.denying.extend(self._always_denying)
        for statement, determining in self._fixed:
            if statement.covers(question.resource):
                if statement.allows:
                    allows = True
                    question.allowing.append(determining)
                else:
                    question.denies = True
                    question.denying.append(determining)
        if self._open:
            context = question.context
            for statement, determining in self._open:
                verdict = statement.bears_on(question.resource, context)
                if verdict is False:
                    continue
                if verdict is None:
                    question.undecided.append((statement, determining))
                if statement.allows:
                    if verdict:
                        allows = True
                        question.allowing.append(determining)
                    elif allows is False:
                        allows = None
                elif verdict:
                    question.denies = True
                    question.denying.append(determining)
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
        found: Iterable[tuple[CompiledStatement, Determining, datetime | None]],
        why: tuple[str, ...] = (),
    ) -> None:
        self._found = tuple(found)
        self.why = why

    def keys_read(self, resource: str) -> set[str]:
        """The condition keys (lower case) that its statements about a resource look at."""
        found: set[str] = set()
        for statement, _, _ in self._found:
            if statement.may_cover(resource):
                found |= statement.keys_read()
        return found

    def judge(self, question: Question, verdicts: Verdicts) -> None:
        """Notes how the policy names and allows the caller, and whether it denies."""
        caller, context = question.caller, question.context
        for statement, determining, saved in self._found:
            named = how_named(statement.statement, caller, saved)
            if not named:
                continue
            verdict = statement.bears_on(question.resource, context)
            if verdict is False:
                continue
            if verdict is None:
                question.undecided.append((statement, determining))
            if not statement.allows:
                question.denies = kleene_or((question.denies, verdict))
                if verdict:
                    question.denying.append(determining)
                continue
            if named == DIRECTLY:
                verdicts.directly = kleene_or((verdicts.directly, verdict))
            elif named == AS_ROLE:
                verdicts.as_role = kleene_or((verdicts.as_role, verdict))
            else:
                verdicts.as_account = kleene_or((verdicts.as_account, verdict))
            if verdict:
                question.allowing.append(determining)
        if self.why:
            question.unknown.extend(self.why)
            question.denies = kleene_or((question.denies, None))
            verdicts.directly = kleene_or((verdicts.directly, None))


def how_named(statement: Statement, caller: Caller, saved: datetime | None) -> int:
    """How strongly a statement's Principal or NotPrincipal means the caller; a deny counts any name."""
    if statement.principals is not None:
        return strength(caller, statement.principals, saved)
    if statement.not_principals is not None:
        return 0 if is_exempt(caller, statement.not_principals) else DIRECTLY
    return 0


class Layer:
    """Policies of one layer, and their cells by action."""

    __slots__ = ("_cells", "_compiled", "_resource_cells", "name", "sources", "why")

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
                self._compiled.append((source, compile_document(source.document)))
            except (MalformedDocument, UnknownOperator) as error:
                unread.append(f"{source.policy} cannot be read: {error}")
        self.why = tuple(dict.fromkeys(unread))
        self._cells: dict[str, Cell] = {}
        self._resource_cells: dict[str, ResourceCell] = {}

    def cell(self, action: str) -> Cell:
        """For policies without principals. `action` in lower case."""
        found = self._cells.get(action)
        if found is None:
            about = [
                (statement, determining(source, statement, self.name))
                for source, document in self._compiled
                for statement in document.about(action)
            ]
            if len(self._cells) >= MAX_CELLS:
                self._cells.clear()
            found = self._cells[action] = Cell(about, self.why)
        return found

    def resource_cell(self, action: str) -> ResourceCell:
        """For policies that name principals. `action` in lower case."""
        found = self._resource_cells.get(action)
        if found is None:
            about = [
                (statement, determining(source, statement, self.name), source.saved)
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

    def judge(self, action: str, question: Question) -> Kleene:
        return kleene_and([layer.cell(action).judge(question) for layer in self.layers])


def determining(source: Source, statement: CompiledStatement, layer: str) -> Determining:
    """The statement as an answer tells it."""
    return Determining(
        effect="Allow" if statement.allows else "Deny",
        policy=source.policy,
        version=source.version,
        statement=statement.statement.index,
        sid=statement.statement.sid,
        path=source.path,
        granted_by=source.granted_by,
        defined_by=source.defined_by,
        layer=layer,
    )
