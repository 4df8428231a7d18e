"""How many of which witnesses must have cosigned what is verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.notes import Note, VerifierKey
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.projections.ledger.cosigning import cosigners, witnessed
from erstwhile.projections.sql import Connection


class MalformedQuorum(MalformedInput):
    """a quorum that cannot be"""

    code = "malformed_quorum"


class Witnessed(msgspec.Struct, frozen=True):
    """`lines`: for people; `why`: what is lacking, '' where nothing is. `names`: None where no witness was given."""

    lines: tuple[str, ...] = ()
    why: str = ""
    names: tuple[str, ...] | None = None
    size: int = 0

    def added(self, told: dict[str, Any]) -> dict[str, Any]:
        """What programs are told, with the witnesses."""
        if self.names is None:
            return told
        return told | {
            "verified": told["verified"] and not self.why, "witnesses": list(self.names), "witnessed_events": self.size,
        }  # fmt: skip


class WitnessPolicy(msgspec.Struct, frozen=True):
    """`quorum` of the witnesses with these keys; a witness may have several."""

    keys: tuple[VerifierKey, ...]
    quorum: int

    def of_log(self, connection: Connection, signed: int) -> Witnessed:
        """Of the checkpoints that a verification has found to be good: up to the size `signed`."""
        if not self.keys:
            return Witnessed()
        return self._told(*witnessed(connection, self.keys, self.quorum, signed))

    def of_note(self, note: Note) -> Witnessed:
        """Of one checkpoint."""
        if not self.keys:
            return Witnessed()
        return self._told(parse_head(note.text).size, cosigners(note, self.keys))

    def _told(self, size: int, names: tuple[str, ...]) -> Witnessed:
        count = len({key.name for key in self.keys})
        if size and len(names) >= self.quorum:
            of = f"{len(names)} of {count}, {self.quorum} needed"
            return Witnessed((f"witnessed: {', '.join(names)} ({of}) cosigned {size:,} events",), "", names, size)
        why = f"no checkpoint was cosigned by {self.quorum} of the {count} witnesses"
        return Witnessed((f"NOT WITNESSED: {why}",), why, names, 0)


def witness_policy(keys: Sequence[VerifierKey], quorum: int | None) -> WitnessPolicy:
    """Without a quorum all of them are needed. Raises MalformedQuorum."""
    count = len({key.name for key in keys})
    if quorum is not None and quorum > count:
        raise MalformedQuorum(f"--quorum {quorum} of {count} witnesses cannot be: --witness names them")
    return WitnessPolicy(tuple(keys), count if quorum is None else quorum)
