"""Maps of operations to actions that people bring: instead of ours, for the operations that are in them.

Two forms are read: the JSON of the public iam-dataset (`map.json`: `sdk_method_iam_mappings`), and AWS's service
reference (https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html), a service a file,
or a list of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from erstwhile.domain.observed.cloudtrail.called_action import CalledActions, actions_of_call, plain_action
from erstwhile.domain.vocabulary.malformed import MalformedInput

Found = tuple[str, tuple[str, ...]]
"""(operation such as s3:ListBuckets, its actions)"""


class MalformedMap(MalformedInput):
    """not a map of operations to actions"""

    code = "malformed_map"


def own_map(text: bytes) -> dict[str, tuple[str, ...]]:
    """Operation (`s3:listbuckets`, lower case) → the actions that it needs. Raises MalformedMap, which says what was
    expected."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedMap(f"the map is not JSON: {error}") from None
    found = dict(_of_dataset(given["sdk_method_iam_mappings"]) if isinstance(given, dict)
                 and "sdk_method_iam_mappings" in given else _of_reference(given))  # fmt: skip
    if not found:
        raise MalformedMap("the map names no operation with an action")
    return found


def _of_dataset(mappings: Any) -> Iterator[Found]:
    if not isinstance(mappings, dict):
        raise MalformedMap("sdk_method_iam_mappings: expected an object")
    for method, needed in mappings.items():
        service, _, name = method.partition(".")
        if not name or not isinstance(needed, list):
            raise MalformedMap(f"{method[:100]}: expected Service.Operation with a list of actions")
        actions = tuple(dict.fromkeys(
            each["action"] for each in needed if isinstance(each, dict) and isinstance(each.get("action"), str)
        ))  # fmt: skip
        if actions:
            # The dataset names services as the SDK's classes are called: the action tells which that is.
            prefix = next((one.partition(":")[0] for one in actions if one.partition(":")[2] == name), "")
            yield f"{prefix or service}:{name}".lower(), actions


def _of_reference(given: Any) -> Iterator[Found]:
    for service in given if isinstance(given, list) else [given]:
        if not isinstance(service, dict) or not isinstance(service.get("Operations"), list):
            raise MalformedMap("expected sdk_method_iam_mappings, or services with Name and Operations")
        for operation in service["Operations"]:
            actions = tuple(
                f"{each.get('Service') or service.get('Name')}:{each['Name']}"
                for each in operation.get("AuthorizedActions") or () if isinstance(each, dict) and "Name" in each
            )  # fmt: skip
            if actions and isinstance(operation.get("Name"), str):
                yield f"{service.get('Name')}:{operation['Name']}".lower(), actions


def with_own(own: Mapping[str, tuple[str, ...]]) -> Callable[[str], CalledActions]:
    """The actions of a call by a map of one's own, and by ours where that does not name the call."""

    def actions_of(call: str) -> CalledActions:
        ours = actions_of_call(call)
        service, name = ours.actions[0].partition(":")[0], plain_action(call).partition(":")[2]
        found = own.get(f"{service}:{name}".lower())
        return CalledActions(found, "own map") if found is not None else ours

    return actions_of
