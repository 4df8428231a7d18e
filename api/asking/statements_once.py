"""The statements of an answer about many principals, each told once: a line of the answer names them by number.

`whole_lines` puts both together again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from erstwhile.api.asking.blocks import Blocks, listed
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.told_statements import PRINCIPAL

_OF_PRINCIPAL = ("identity", "permissions_boundary")
"""The layers whose paths begin at the principal."""
_encode = msgspec.json.Encoder().encode


def first_step(kind: str, principal: str) -> str:
    """How the paths begin by which a principal has its policies, from its kind and its ARN."""
    return f"{kind}/{principal.rpartition('/')[2]}"


class StatementsOnce:
    """Of one answer. Numbers are places in the order in which lines name statements first."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self.positions: set[int] = set()
        """Those of the events that the statements name."""

    def text(self, each: Determining, here: str) -> bytes:
        """A statement of a principal whose paths begin with `here`, as JSON."""
        if each.path and each.path[0] == here and each.layer in _OF_PRINCIPAL:
            each = msgspec.structs.replace(each, path=(PRINCIPAL, *each.path[1:]))
        self.name(each.granted_by, each.defined_by)
        return _encode(each)

    def name(self, *positions: int) -> None:
        """Of events that statements name; 0 is that of none."""
        self.positions.update(positions)
        self.positions.discard(0)

    def numbers(self, texts: Iterable[bytes]) -> list[int]:
        numbers = self._numbers
        return [numbers.setdefault(text, len(numbers)) for text in texts]

    def written(self) -> Blocks:
        return listed(list(self._numbers))
