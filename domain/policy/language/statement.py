# mypyc: compiled
"""One statement, compiled: actions, resources, conditions. Whom it names is in `principals`."""

from __future__ import annotations

from erstwhile.domain.policy.language.conditions import Condition
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import (
    MOST_TEXT,
    Document,
    MalformedDocument,
    Statement,
    forget_parsed,
    parse_document,
)
from erstwhile.domain.policy.language.kleene import Kleene
from erstwhile.domain.policy.language.match import matches, matches_resource
from erstwhile.domain.policy.language.variables import (
    Lookup,
    MissingKey,
    NoValue,
    has_variable,
    keys_of,
    substitute,
    without_variables,
)
from erstwhile.domain.vocabulary.bounded import Bounded, Weighed

_NO_TEXTS: frozenset[str] = frozenset()
"""Most statements have an empty set or two. Python makes a new one of 216 bytes each time."""


class CompiledStatement:
    """A statement ready to be asked. Shared by all principals that have the policy."""

    __slots__ = (
        "_any_resource",
        "_exact",
        "_exact_actions",
        "_except_actions",
        "_except_resources",
        "_patterns",
        "_prefixes",
        "_service",
        "_variables",
        "_wild_actions",
        "allows",
        "conditions",
        "is_always",
        "is_fixed",
        "keys_read",
        "resources",
        "statement",
        "varies",
    )  # fmt: skip

    def __init__(self, statement: Statement, completes: bool = False) -> None:
        """`completes`: ARNs of fewer than six parts have stars for those that are missing. Raises UnknownOperator."""
        self.statement = statement
        self.allows = statement.allows
        actions = statement.actions if statement.actions is not None else statement.not_actions or ()
        lowered = [action.lower() for action in actions]
        self._except_actions = statement.actions is None
        exact_actions = [action for action in lowered if "*" not in action and "?" not in action]
        self._exact_actions = frozenset(exact_actions) if exact_actions else _NO_TEXTS
        self._wild_actions = tuple(action for action in lowered if "*" in action or "?" in action)
        resources = statement.resources if statement.resources is not None else statement.not_resources
        if completes and resources is not None:
            resources = tuple(form for resource in resources for form in _completed(resource))
        self.resources = resources
        """The patterns of its Resource or NotResource; None where it has neither."""
        self._except_resources = statement.resources is None and statement.not_resources is not None
        exact: list[str] = []
        prefixes: list[str] = []
        patterns: list[str] = []
        variables: list[str] = []
        for resource in resources or ():
            body = resource[:-1]
            if statement.has_variables and has_variable(resource):
                variables.append(resource)
            elif "*" not in resource and "?" not in resource:
                exact.append(resource)
            elif resource.endswith("*") and "*" not in body and "?" not in body:
                prefixes.append(body)
            else:
                patterns.append(resource)
        # A trust policy has no Resource: it is about its role.
        self._any_resource = resources is None or "" in prefixes
        self._exact = frozenset(exact) if exact else _NO_TEXTS
        self._prefixes = tuple(prefixes)
        self._patterns = tuple(patterns)
        self._variables = tuple(variables)
        self.varies = bool(variables)
        """Whether a variable says which resources it is about."""
        self.conditions = tuple(Condition(entry, statement.has_variables) for entry in statement.conditions)
        self.is_fixed = not self.conditions and not self._variables
        """Whether action and resource alone decide."""
        self.is_always = self.is_fixed and self._any_resource and not self._except_resources
        """Whether the action alone decides."""
        self.keys_read = self._keys_read()
        """The condition keys (lower case) that its conditions and variables read."""

    def speaks_of(self, action: str) -> bool:
        """Whether the statement is about an action (lower case)."""
        found = action in self._exact_actions or any(matches(pattern, action) for pattern in self._wild_actions)
        return found != self._except_actions

    def covers(self, resource: str) -> bool:
        """Whether it is about a resource; for statements without variables."""
        if self._any_resource:
            return not self._except_resources
        if resource in self._exact or resource.startswith(self._prefixes):
            return not self._except_resources
        for pattern in self._patterns:
            if matches_resource(pattern, resource):
                return not self._except_resources
        return self._except_resources

    def may_cover(self, resource: str) -> bool:
        """Whether some context could make it about the resource."""
        return bool(self._variables) or self.covers(resource)

    def _keys_read(self) -> frozenset[str]:
        found = {condition.key for condition in self.conditions}
        for condition in self.statement.conditions:
            for value in condition.values:
                found.update(keys_of(value))
        for pattern in self._variables:
            found.update(keys_of(pattern))
        return frozenset(found) if found else _NO_TEXTS

    def bears_on(self, resource: str, context: Context) -> Kleene:
        """Whether resource and conditions fit the request."""
        return self.holds(resource, context) if self.may_cover(resource) else False

    def holds(self, resource: str, context: Context) -> Kleene:
        """`bears_on`, of a statement that may cover the resource."""
        found: Kleene = self.fits(resource, context) if self._variables else True
        if found is False:
            return False
        for condition in self.conditions:
            holds = condition.holds(context)
            if holds is False:
                return False
            if holds is None:
                found = None
        return found

    def fits(self, resource: str, context: Context) -> Kleene:
        """Whether it is about a resource. None when a variable's key is missing in discover mode."""
        if not self._variables:
            return self.covers(resource)
        if self._any_resource or resource in self._exact or resource.startswith(self._prefixes):
            return not self._except_resources
        unclear = False
        for pattern in self._patterns:
            if matches_resource(pattern, resource):
                return not self._except_resources
        for pattern in self._variables:
            try:
                if matches_resource(substitute(pattern, context.get, sure=context.discover), resource):
                    return not self._except_resources
            except NoValue:
                continue
            except MissingKey as missing:
                # A variable without a value matches no resource, so that NotResource means all.
                if context.discover:
                    context.lacks(str(missing))
                    unclear = True
        return None if unclear else self._except_resources

    def resource_patterns(self, lookup: Lookup) -> list[str]:
        """The patterns of its Resource or NotResource, variables replaced; one whose key is missing is left out."""
        found = []
        for pattern in self.resources or ():
            try:
                found.append(substitute(pattern, lookup) if pattern in self._variables else pattern)
            except MissingKey:
                continue
        return found

    def simple_resources(self) -> tuple[frozenset[str], tuple[str, ...]] | None:
        """(resources named in full, beginnings of resources) that it is about; None where that is not all."""
        if self._any_resource or self._except_resources or self._patterns or self._variables:
            return None
        return self._exact, self._prefixes


def _completed(resource: str) -> tuple[str, ...]:
    """What an ARN of a policy about a principal stands for: one of fewer than six parts has stars for the missing ones.
    With a star it counts as it stands too, for one that ends a part may reach over several.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns and
    …/reference_policies_elements_resource.html
    """
    missing = 5 - without_variables(resource).count(":")
    if missing <= 0 or not resource.startswith("arn:"):
        return (resource,)
    whole = resource + ":*" * missing
    return (resource, whole) if "*" in resource or has_variable(resource) else (whole,)


MAX_ACTIONS = 1_000
"""Actions that a document remembers: requests may make them up."""


class CompiledDocument:
    """A document's statements, compiled, and which of them speak of an action.

    Raises MalformedDocument for a statement of a policy about a principal (`completes`) that says nothing of resources,
    or names principals."""

    __slots__ = ("_of", "document", "statements")

    def __init__(self, document: Document, completes: bool = False) -> None:
        self.document = document
        for each in document.statements if completes else ():
            if each.resources is None and each.not_resources is None:
                raise MalformedDocument(f"Statement[{each.index}] must have Resource or NotResource")
            if each.principals is not None or each.not_principals is not None:
                raise MalformedDocument(f"Statement[{each.index}] must not have Principal")
        self.statements = tuple(CompiledStatement(statement, completes) for statement in document.statements)
        self._of: Bounded[str, tuple[CompiledStatement, ...]] = Bounded(MAX_ACTIONS)

    def about(self, action: str) -> tuple[CompiledStatement, ...]:
        """The statements that speak of an action (lower case)."""
        found = self._of.entries.get(action)
        if found is None:
            found = tuple(statement for statement in self.statements if statement.speaks_of(action))
            self._of.keep(action, found)
        return found


Documents = Bounded[tuple[str, bool], CompiledDocument]
"""By text, and whether its ARNs are completed."""
kept_documents: Weighed[tuple[str, bool], CompiledDocument] = Weighed(MOST_TEXT)


def forget_documents() -> None:
    """Those that are kept parsed or compiled: after a question that met thousands."""
    kept_documents.clear()
    forget_parsed()


def compile_document(text: str, completes: bool = False, own: Documents | None = None) -> CompiledDocument:
    """Compiled once per text; `completes` its ARNs, as IAM does in policies about principals. `own`: those that the
    caller keeps, however many others are compiled meanwhile. Raises MalformedDocument, UnknownOperator."""
    key = text, completes
    found = own.entries.get(key) if own is not None else None
    if found is not None:
        return found
    found = kept_documents.entries.get(key)
    if found is None:
        found = kept_documents.keep(key, CompiledDocument(parse_document(text), completes), len(text))
    return found if own is None else own.keep(key, found)
