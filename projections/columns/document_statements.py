"""The statements of the documents of identity policies in a segment, as arrays: they are made with the file of a
segment, so that nobody reads the documents again.

Documents are many and large, and differ little: a new version of a policy repeats most statements of the one before.
Each list of actions, list of resources and set of conditions is kept once, and a statement is their numbers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.policy.language.common_form import entries_of
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument, variables_since
from erstwhile.domain.policy.language.part import may_be_about
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.projections.columns.segment import Arrays, Segment
from erstwhile.projections.columns.texts import Codes, Texts, packed

UNCONDITIONAL = 0
"""The number of no conditions."""
_TEXTS = ("actions", "resources", "conditions", "sid")
_DOCUMENT = "statement.document"


class DocumentStatements:
    """Of one segment, which it must not hold: as long as that lives, this is kept. The statements of a document are
    neighbours, in their order."""

    def __init__(self, arrays: Arrays) -> None:
        self.document: Codes = arrays[_DOCUMENT]
        """Of each statement, the value that has its document. In order."""
        self._document_of = self.document.data
        self.allows: np.typing.NDArray[np.bool_] = arrays["statement.allows"]
        self.actions: Codes = arrays["statement.actions"]
        self.actions_of = self.actions.data
        self.resources: Codes = arrays["statement.resources"]
        self.conditions: Codes = arrays["statement.conditions"]
        self.sid: Codes = arrays["statement.sid"]
        self.unread: Codes = arrays["statement.unread"]
        """The values whose document was never seen, or is no policy. In order."""
        actions, resources, conditions, sids = (
            Texts(arrays[f"statement.{name}.block"], arrays[f"statement.{name}.offsets"]) for name in _TEXTS
        )
        self.action_lists, self.resource_lists = actions, resources
        """As JSON: (whether all others are meant, the list); of resources, in the middle, whether variables count."""
        self.condition_sets, self.sids = conditions, sids
        """As JSON, and as they are."""

    def of(self, value: int) -> tuple[int, int]:
        """The first statement of the document of a value, and the one after its last."""
        first = bisect_left(self._document_of, value)
        return first, bisect_right(self._document_of, value, lo=first)

    def is_near(self, number: int, resource: str) -> bool:
        """Whether a statement may be about a resource, by how the patterns of its list begin."""
        is_except, _, resources = orjson.loads(self.resource_lists.raw(self.resources[number]))
        return is_except or may_be_about(resources, resource)

    def entry(self, number: int) -> tuple[dict[str, Any], bool]:
        """A statement as JSON, and whether variables count in it."""
        is_except, actions = orjson.loads(self.action_lists.raw(self.actions[number]))
        resources, has_variables = self.resource_list(self.resources[number])
        entry = {
            "Sid": self.sids.text(self.sid[number]),
            "Effect": "Allow" if self.allows[number] else "Deny",
            "NotAction" if is_except else "Action": actions,
            **resources,
            "Condition": self.condition_set(self.conditions[number]),
        }
        return entry, has_variables

    def resource_list(self, number: int) -> tuple[dict[str, Any], bool]:
        """A list of resources as the member of a statement that has it, and whether variables count in it."""
        is_except, has_variables, resources = orjson.loads(self.resource_lists.raw(number))
        return {"NotResource" if is_except else "Resource": resources}, has_variables

    def condition_set(self, number: int) -> Any:
        """As JSON; None of no conditions."""
        return orjson.loads(self.condition_sets.raw(number))


def statements_in(segment: Segment) -> DocumentStatements:
    """Read once, and found in the file of a segment."""
    return segment.once(_statements_of)


def _statements_of(segment: Segment) -> DocumentStatements:
    return DocumentStatements(segment.arrays if _DOCUMENT in segment.arrays else read_statements(segment))


def read_statements(segment: Segment) -> Arrays:
    """What `DocumentStatements` is made of."""
    rows = [segment.of_attribute(attribute) for attribute in (attributes.INLINE, attributes.VERSION)]
    reading = _Reading()
    for value in np.unique(segment.value[np.concatenate(rows)]).tolist():
        reading.add(value, orjson.loads(segment.values.raw(value)).get("document"))
    return reading.arrays()


class _Reading:
    def __init__(self) -> None:
        self._unread: list[int] = []
        self._document, self._allows = array("i"), bytearray()
        self._numbers = {name: array("i") for name in _TEXTS}
        self._texts: dict[str, dict[bytes, int]] = {name: {} for name in _TEXTS}
        assert self._number("conditions", b"null") == UNCONDITIONAL

    def add(self, value: int, document: str | None) -> None:
        found = None if document is None else _entries(document)
        try:
            told = None if found is None else [_told(entry, found[1]) for entry in found[0]]
        except orjson.JSONEncodeError:  # nested too deep to be written
            told = None
        if told is None:
            self._unread.append(value)
            return
        for is_allowed, texts in told:
            self._document.append(value)
            self._allows.append(is_allowed)
            for name, text in zip(_TEXTS, texts, strict=True):
                self._numbers[name].append(self._number(name, text))

    def _number(self, name: str, text: bytes) -> int:
        texts = self._texts[name]
        return texts.setdefault(text, len(texts))

    def arrays(self) -> Arrays:
        arrays: Arrays = {
            _DOCUMENT: np.array(self._document, dtype=np.int32),
            "statement.allows": np.frombuffer(bytes(self._allows), dtype=bool),
            "statement.unread": np.array(self._unread, dtype=np.int32),
        }
        for name in _TEXTS:
            arrays[f"statement.{name}"] = np.array(self._numbers[name], dtype=np.int32)
            block, offsets = packed(list(self._texts[name]))
            arrays[f"statement.{name}.block"], arrays[f"statement.{name}.offsets"] = block, offsets
        return arrays


def _entries(document: str) -> tuple[list[dict[str, Any]], bool] | None:
    """A document's statements as JSON, and whether variables count in it; None of what is no policy."""
    found = entries_of(document)
    if found is not None:
        return found
    try:
        compile_document(document, True)
    except (MalformedDocument, UnknownOperator):
        return None
    data = orjson.loads(document)
    entries = data["Statement"]
    return entries if isinstance(entries, list) else [entries], variables_since(data)[1]


def _told(entry: Mapping[str, Any], has_variables: bool) -> tuple[bool, tuple[bytes, ...]]:
    """Whether a statement allows, and its texts, in the order of `_TEXTS`."""
    actions, resources, conditions = "Action" in entry, "Resource" in entry, entry.get("Condition")
    texts = (
        orjson.dumps((not actions, _as_list(entry["Action" if actions else "NotAction"]))),
        orjson.dumps(
            (not resources, has_variables, _as_list(entry["Resource" if resources else "NotResource"]))
        ),
        # An operator without keys is no condition.
        orjson.dumps(conditions if conditions and any(conditions.values()) else None),
        str(entry.get("Sid") or "").encode(),
    )  # fmt: skip
    return entry["Effect"] == "Allow", texts


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]
