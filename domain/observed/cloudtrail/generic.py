"""Translates operations that have the same name and form in many services: they replace or delete a resource's
policy."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.events import Body
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.documents import document_text

_DOCUMENTS = ("policy", "resourcepolicy", "policydocument", "policyinjson", "policytext")


def found(parameters: Any, *names: str, depth: int = 3) -> Any:
    """Returns the first value that is not empty under one of the names (lower case), down to `depth` levels; else None.

    EC2 nests its parameters in objects and capitalises their names.
    """
    if isinstance(parameters, dict) and depth:
        for key, value in parameters.items():
            if key.lower() in names and value not in (None, ""):
                return value
        for value in parameters.values():
            inner = found(value, *names, depth=depth - 1)
            if inner is not None:
                return inner
    if isinstance(parameters, list) and parameters and depth:
        return found(parameters[0], *names, depth=depth - 1)
    return None


def resource_arn(record: Record) -> str:
    """Returns the ARN of the resource from the parameters: under a usual name, else the only ARN there is.

    Raises Untranslatable where there are several candidates or none.
    """
    given = {
        key.lower(): value
        for key, value in record.parameters.items()
        if isinstance(value, str) and value.startswith("arn:") and value.count(":") >= 5
    }
    for name in ("resourcearn", "resourceidentifier", "resource", "arn"):
        if name in given:
            return given[name]
    if len(given) != 1:
        raise Untranslatable(f"{record.service}:{record.name} without the ARN of its resource")
    return next(iter(given.values()))


def put_policy(record: Record) -> list[Body]:
    document = found(record.parameters, *_DOCUMENTS)
    if document is None:
        raise Untranslatable(f"{record.service}:{record.name} without its policy")
    return [r.ResourcePolicyPut(resource=resource_arn(record), document=document_text(document))]


def delete_policy(record: Record) -> list[Body]:
    return [r.ResourcePolicyDeleted(resource=resource_arn(record))]


_BY_NAME: dict[str, Translator] = {"PutResourcePolicy": put_policy, "DeleteResourcePolicy": delete_policy}


def generic(name: str) -> Translator | None:
    """The translator of operations of this name, in any service; None where the name has none."""
    return _BY_NAME.get(name)
