"""One thing that is wrong in a policy document, and the stage of AWS's checks that would find it."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.domain.policy.language.grammar.uses import Use
from erstwhile.domain.policy.language.grammar.words import aws_words

_STAGES = (
    ("old_version",),
    ("effect_case", "date", "short"),
    ("sid", "sid_twice"),
    ("principal_forbidden",),
    ("no_action",),
    ("no_resource",),
    ("no_arn", "partition", "vendor_missing", "iam_region", "region", "iam_path"),
    ("prefix", "colons", "vendor"),
    ("condition_colons",),
)
"""AWS answers for the first stage that fails; before all of them, syntax."""
_STAGE = {kind: number for number, kinds in enumerate(_STAGES, 1) for kind in kinds}
VALUES = frozenset(("date",))
"""Of a value that cannot be read. AWS refuses to store it; a decision takes it as one that never matches."""


class Problem(msgspec.Struct, frozen=True):
    """`place`: `Statement[0].Action`; `what` is wrong there, in our words; `words`: AWS's."""

    place: str
    what: str
    kind: str
    words: str

    @property
    def stage(self) -> int:
        return _STAGE.get(self.kind, 0)

    def __str__(self) -> str:
        return f"{self.place} {self.what}".strip()


def problem(use: Use, kind: str, place: str, what: str, /, **named: Any) -> Problem:
    """A problem, in AWS's words for the use."""
    return Problem(place, what, kind, aws_words(use, kind, **named))
