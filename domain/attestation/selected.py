"""Who is meant by a list of principals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arn_of, arns_of
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.windows import ALWAYS, Window
from erstwhile.domain.policy.language.match import matches

_KINDS = ("user", "role")


def is_entity(holder: Holder) -> bool:
    """Whether a holder is a user or role of a known account."""
    return holder.kind in _KINDS and not holder.is_outsider and bool(holder.unique_id)


@cache
def _patterns(entry: str) -> tuple[str, ...]:
    """Patterns of the ARNs that are meant: a name is meant under every path."""
    if entry.startswith("arn:") or "/" not in entry:
        return (entry,)
    kind, _, name = entry.partition("/")
    return f"arn:*:iam::*:{kind}/{name}", f"arn:*:iam::*:{kind}/*/{name}"


def _means(entry: str, arn: str) -> bool:
    return any(matches(pattern, arn) for pattern in _patterns(entry))


class Selected:
    """An entry is an ARN, `user/NAME` or `role/NAME` (`*` and `?` stand for any characters), or a unique id."""

    def __init__(self, entries: Iterable[str]) -> None:
        self.entries = tuple(entries)

    def has(self, arn: str, unique_id: str = "") -> bool:
        """Whether a principal is meant. The sessions of a role are meant by its ARN."""
        return any(entry == unique_id or _means(entry, arn) for entry in self.entries)

    def windows(self, ground: Ground, holder: Holder) -> list[Window]:
        """When a holder is meant: a name means whoever has it at an instant."""
        if holder.unique_id in self.entries:
            return [ALWAYS]
        if not is_entity(holder):
            return [ALWAYS] if self.has(holder.principal) else []
        rows = ground.intervals(holder.account, holder.kind, holder.unique_id)
        return [
            (each.valid_from, each.valid_to)
            for each in rows
            if each.attribute == attributes.ENTITY and self.has(arn_of(ground.history, each))
        ]

    def of_nobody(self, ground: Ground) -> Iterator[str]:
        """The entries that mean no user or role that there ever was. Of other accounts nothing is known: what names one
        of these is left out."""
        known = dict(_everybody(ground)) if self.entries else {}
        for entry in self.entries:
            parts = entry.split(":")
            if len(parts) > 4 and ground.mode(parts[4]) is None:
                continue
            if not any(entry == key[2] or _means(entry, arn) for arn, key in known.items()):
                yield entry


def _everybody(ground: Ground) -> Iterator[tuple[str, EntityKey]]:
    for kind in _KINDS:
        for key in ground.history.of_kind(kind):
            for arn in arns_of(ground.history, key):
                yield arn, key
    for account in ground.history.kinds():
        yield f"arn:aws:iam::{account[0]}:root", (account[0], "root", account[0])
