"""Binds the principals that a policy names by their ARNs to unique ids when the policy is saved, as AWS does: a later
principal of the same name is another one, and a renamed principal stays the same.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.knowledge.service_reference import is_service, service_of
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.policy.language.grammar.principals import is_unique_id
from erstwhile.domain.vocabulary.identifiers import is_account_id

_KINDS = ("user", "role")


def is_own_resource(arn: str) -> bool:
    """Whether a resource is an application's own: no service of AWS has it."""
    return not is_service(service_of(arn).lower())


def named(document: str) -> tuple[str, ...]:
    """The names under AWS in a document's Principal and NotPrincipal elements."""
    return tuple(
        name
        for statement in parse_document(document).statements
        for kind, name in (*(statement.principals or ()), *(statement.not_principals or ()))
        if kind == "AWS"
    )


def place_of(name: str) -> tuple[str, str, str] | None:
    """(account, kind, name) of a user or role that an ARN names; None for any other name."""
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[2] != "iam" or not parts[5].startswith(("user/", "role/")):
        return None
    kind, _, rest = parts[5].partition("/")
    return parts[4], kind, rest.rpartition("/")[2]


def names_principals(document: str | None) -> bool:
    """Whether a document names users or roles; not where it cannot be read."""
    try:
        return document is not None and any(place_of(name) is not None for name in named(document))
    except MalformedDocument:
        return False


def bindings(directory: Directory, document: str) -> dict[str, str] | None:
    """ARN → unique id of the users and roles that a document names and that are there; None where it names none."""
    names = [name for name in named(document) if place_of(name) is not None]
    if not names:
        return None
    found = {}
    for name in names:
        entity = directory.with_arn(name)
        if entity is not None and entity.kind in _KINDS and not entity.id.startswith("~"):
            found[name] = entity.id
    return found


def missing(directory: Directory, document: str) -> Iterator[str]:
    """The names in a document that no principal of a governed account has, and the unique ids of deleted principals."""
    for name in named(document):
        if is_unique_id(name):
            if by_unique_id(directory, name) is None:
                yield name
            continue
        place = place_of(name)
        if place is not None and directory.mode(place[0]) == "governed" and directory.with_arn(name) is None:
            yield name


def by_unique_id(directory: Directory, unique_id: str) -> Entity | None:
    """The user or role, of whatever account."""
    for account in directory.accounts():
        for kind in _KINDS:
            entity = directory.get(account, kind, unique_id)
            if entity is not None:
                return entity
    return None


def bound(document: str, principals: Mapping[str, str]) -> str:
    """The document with unique ids in the place of the ARNs in Principal that were bound to them."""
    return _bound(document, tuple(sorted(principals.items()))) if principals else document


@lru_cache(maxsize=16_384)
def _bound(document: str, principals: tuple[tuple[str, str], ...]) -> str:
    ids = dict(principals)
    return _renamed(document, ("Principal",), lambda name: ids.get(name, name))


def as_shown(directory: Directory, document: str, principals: Mapping[str, str]) -> str:
    """The document as IAM tells it: accounts by their root's ARN; whom it is bound to by the ARN of today, or, of one
    that was deleted, by the unique id."""

    def shown(name: str) -> str:
        if is_account_id(name):
            return f"arn:{directory.partition(name)}:iam::{name}:root"
        unique_id = principals.get(name)
        if unique_id is None:
            return name
        place = place_of(name)
        entity = directory.get(place[0], place[1], unique_id) if place is not None else None
        return entity.arn if entity is not None else unique_id

    if not principals and not any(is_account_id(name) for name in named(document)):
        return document
    return _renamed(document, ("Principal", "NotPrincipal"), shown)


def _renamed(document: str, elements: tuple[str, ...], rename: Callable[[str], str]) -> str:
    """The document with other names under AWS; the very text where none is another."""
    data: Any = orjson.loads(document)
    changed = False
    statements = data["Statement"] if isinstance(data["Statement"], list) else [data["Statement"]]
    for statement in statements:
        for element in elements:
            names = statement.get(element)
            if not isinstance(names, dict) or "AWS" not in names:
                continue
            held = names["AWS"]
            fresh = [rename(name) for name in held] if isinstance(held, list) else rename(held)
            changed |= fresh != held
            names["AWS"] = fresh
    return orjson.dumps(data).decode() if changed else document
