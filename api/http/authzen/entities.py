"""The entities of an AuthZEN search, and properties as condition keys.

Source: https://openid.github.io/authzen/ (Information Model).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erstwhile.api.problems import bad_request
from erstwhile.domain.policy.inputs.request import as_values
from erstwhile.domain.vocabulary.context_values import ContextDict

MAX_DEPTH = 100
"""How deep properties may be nested."""
_ENTITIES = ("subject", "action", "resource")


def member(given: dict[str, Any], entity: str, *names: str) -> list[str]:
    """The named members of an entity of the request. Raises Problem 400 where one is missing."""
    value = given.get(entity)
    if not isinstance(value, dict):
        raise bad_request("malformed_body", f"{entity} is required and must be an object")
    found = []
    for name in names:
        text = value.get(name)
        if not isinstance(text, str) or not text:
            raise bad_request("malformed_body", f"{entity}.{name} is required and must be a string")
        found.append(text)
    return found


def properties(given: dict[str, Any]) -> ContextDict:
    """The `properties` of subject, action and resource as condition keys: `subject:department`, `resource:status`.

    Nested objects give keys with dots (`resource:owner.id`); what has no form as a condition's value (null, lists
    of objects) is left out: no policy can speak of it. Raises Problem 400 for properties that are no object.
    """
    found: ContextDict = {}
    for entity in _ENTITIES:
        value = given.get(entity)
        given_properties = value.get("properties") if isinstance(value, dict) else None
        if given_properties is None:
            continue
        if not isinstance(given_properties, dict):
            raise bad_request("malformed_body", f"{entity}.properties must be an object")
        flatten(f"{entity}:", given_properties, found)
    return found


def flatten(prefix: str, properties: Mapping[str, Any], found: ContextDict, depth: int = 0) -> None:
    """Properties as condition keys under a prefix. Raises Problem 400 for those that are nested too deeply."""
    if depth > MAX_DEPTH:
        raise bad_request("malformed_body", f"{prefix.partition(':')[0]}.properties are nested deeper than {MAX_DEPTH}")
    for name, value in properties.items():
        if isinstance(value, dict):
            flatten(f"{prefix}{name}.", value, found, depth + 1)
            continue
        try:
            found[f"{prefix}{name}".lower()] = as_values(value)
        except ValueError:
            continue
