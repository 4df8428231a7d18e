"""One request against many statements: what was missing, what is unknown, what decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from domain.directory import Directory, Entity
from domain.identifiers import Arn
from domain.instants import format_instant
from domain.policy import sources
from domain.policy.conditions import Kleene, UnknownOperator, holds, kleene_and, kleene_or
from domain.policy.document import MalformedDocument, Statement, parse_document
from domain.policy.match import matches_action
from domain.policy.principals import principal_arn, resource_account
from domain.policy.request import Determining, Request
from domain.policy.variables import MissingKey, matches_literally, substitute


class Layer(NamedTuple):
    """What the policies of one layer say: whether any allows, whether any denies, and which statements hold."""

    allows: Kleene
    denies: Kleene
    determining: list[Determining]


class Evaluation:
    """One request against many statements: what was missing, what was unknown, what decided."""

    def __init__(self, directory: Directory, request: Request, entity: Entity | None) -> None:
        self.directory = directory
        self.request = request
        self.entity = entity
        self.missing: set[str] = set()
        self.unknown: list[str] = []
        self.account = Arn.parse(request.principal).account
        self.owner = resource_account(directory, request)
        self.keys = _keys(directory, request, entity)

    def lookup(self, key: str) -> tuple[str, ...] | None:
        return self.keys.get(key.lower())

    def applies(self, statement: Statement, with_principal: bool = False) -> Kleene:
        """Whether a statement speaks of this request."""
        if not _matches_action(statement, self.request.action):
            return False
        resource = self._matches_resource(statement)
        if resource is False:
            return False
        principal = self._matches_principal(statement) if with_principal else True
        if principal is False:
            return False
        discover = self.request.mode == "discover"
        missing: set[str] = set()
        conditions = kleene_and(
            holds(entry, self.lookup, statement.has_variables, discover, missing) for entry in statement.conditions
        )
        if conditions is not False:
            self.missing |= missing
        return kleene_and((resource, principal, conditions))

    def _matches_resource(self, statement: Statement) -> Kleene:
        patterns = statement.resources if statement.resources is not None else statement.not_resources
        if patterns is None:
            return True
        found = kleene_or(self._matches_pattern(pattern, statement.has_variables) for pattern in patterns)
        if statement.resources is not None or found is None:
            return found
        return not found

    def _matches_pattern(self, pattern: str, variables: bool) -> Kleene:
        try:
            return matches_literally(substitute(pattern, self.lookup) if variables else pattern, self.request.resource)
        except MissingKey as error:
            if self.request.mode != "discover":
                return False
            self.missing.add(str(error))
            return None

    def _matches_principal(self, statement: Statement) -> bool:
        if statement.principals is not None:
            # Naming the caller's own account grants nothing by itself: it lets identity policies decide.
            delegates = statement.allows and self.entity is not None and self.owner == self.account
            names = self._names() - (self._account_names() if delegates else set())
            return any(kind == "AWS" and item in names for kind, item in statement.principals)
        if statement.not_principals is not None:
            return not any(kind == "AWS" and item in self._names() for kind, item in statement.not_principals)
        return False

    def _account_names(self) -> set[str]:
        return {self.account, f"arn:{Arn.parse(self.request.principal).partition}:iam::{self.account}:root"}

    def _names(self) -> set[str]:
        """What a principal element may call the caller: itself, its account, or everyone."""
        names = {"*", self.request.principal, *self._account_names()}
        if self.entity is not None:
            names |= {self.entity.id, principal_arn(self.entity)}
        return names

    def layer(self, found: Iterable[sources.Source], layer: str, with_principal: bool = False) -> Layer:
        """What the policies of a layer say together."""
        allows: list[Kleene] = []
        denies: list[Kleene] = []
        determining: list[Determining] = []
        for source in found:
            if source.document is None:
                self.unknown.append(self._why(source))
                allows.append(None)
                denies.append(None)
                continue
            try:
                statements = parse_document(source.document).statements
                for statement in statements:
                    verdict = self.applies(statement, with_principal)
                    (allows if statement.allows else denies).append(verdict)
                    if verdict:
                        determining.append(_determining(source, statement, layer))
            except (MalformedDocument, UnknownOperator) as error:
                self.unknown.append(f"{source.policy} cannot be read: {error}")
                allows.append(None)
                denies.append(None)
        return Layer(kleene_or(allows), kleene_or(denies), determining)

    def _why(self, source: sources.Source) -> str:
        if source.policy.startswith("arn:") and (why := sources.managed(self.directory, source.policy).why):
            return why
        return f"the document of {source.policy} was never seen"


def _matches_action(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(matches_action(pattern, action) for pattern in statement.actions)
    if statement.not_actions is not None:
        return not any(matches_action(pattern, action) for pattern in statement.not_actions)
    return False


def _determining(source: sources.Source, statement: Statement, layer: str) -> Determining:
    return Determining(
        effect="Allow" if statement.allows else "Deny",
        policy=source.policy,
        version=source.version,
        statement=statement.index,
        sid=statement.sid,
        path=source.path,
        granted_by=source.granted_by,
        defined_by=source.defined_by,
        layer=layer,
    )


def _keys(directory: Directory, request: Request, entity: Entity | None) -> dict[str, tuple[str, ...]]:
    """The request's context, and the global keys that follow from the principal and the instant.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    account = Arn.parse(request.principal).account
    keys: dict[str, tuple[str, ...]] = {"aws:principalaccount": (account,)}
    if directory.as_of is not None:
        keys["aws:currenttime"] = (format_instant(directory.as_of),)
        keys["aws:epochtime"] = (str(int(directory.as_of.timestamp())),)
    if entity is None:
        keys["aws:principalarn"] = (request.principal,)
        keys["aws:principaltype"] = ("Account",)
        keys["aws:userid"] = (account,)
    else:
        keys["aws:principalarn"] = (principal_arn(entity),)
        keys["aws:principaltype"] = ("User" if entity.kind == "user" else "AssumedRole",)
        if entity.kind == "user":
            keys["aws:username"] = (entity.name,)
            keys["aws:userid"] = (entity.id,)
        for key, fact in entity.items("tag").items():
            keys[f"aws:principaltag/{key.lower()}"] = (fact.value["value"],)
    owner = resource_account(directory, request)
    if owner is not None:
        keys["aws:resourceaccount"] = (owner,)
    keys.update({key.lower(): values for key, values in request.context.items()})
    return keys
