"""The actions that the policies of a segment name, whenever they were in force, by their services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.named_actions import actions_in as actions_of_document
from erstwhile.projections.columns.document_statements import statements_in
from erstwhile.projections.columns.segment import Segment


def actions_in(segment: Segment, service: str) -> Iterable[str]:
    """Those of a service (lower case), patterns too, each once. They are looked for once in each segment."""
    return segment.once(_by_service).get(service, ())


def _by_service(segment: Segment) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for action in dict.fromkeys((*_of_identity_policies(segment), *_of_resource_policies(segment))):
        service, colon, _ = action.partition(":")
        if colon:
            found.setdefault(service.lower(), []).append(action)
    return found


def _of_identity_policies(segment: Segment) -> Iterator[str]:
    lists = statements_in(segment).action_lists
    for text in lists.raws(range(len(lists))):
        yield from orjson.loads(text)[1]


def _of_resource_policies(segment: Segment) -> Iterator[str]:
    values = np.unique(segment.value[segment.of_attribute(attributes.POLICY)])
    for raw in segment.values.raws(values.tolist()):
        document = orjson.loads(raw)["document"]
        if document is not None:
            yield from actions_of_document(document)
