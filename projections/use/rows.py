"""The rows of the read model of use, as lines for COPY. The process that reads files ahead makes them, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from erstwhile.domain.use.tally import Count, KeyTimes, KeyUse, Kind, Tally
from erstwhile.projections.copy_text import array_text, instant_text, joined

COLUMNS = (
    "account", "principal", "call", "service", "resources", "month", "on_behalf", "failed", "first_at", "last_at",
    "calls", "firsts", "lasts", "numbers",
)  # fmt: skip
KEY_COLUMNS = ("access_key", "principal", "month", "first_at", "last_at")
"""All but the run, too."""


class RunLines(NamedTuple):
    """The lines of a run: for `call_use` with the escaped fields of `COLUMNS`, for `key_last_use` of `KEY_COLUMNS`."""

    calls: list[str]
    keys: list[str]


def lines_of(tallies: Iterable[Tally]) -> RunLines:
    """The lines of what some tallies counted."""
    text = lru_cache(maxsize=65_536)(instant_text)
    found = RunLines([], [])
    for each in tallies:
        found.calls.extend(_of_kinds(each.kinds, text))
        found.keys.extend(_of_keys(each.access_keys, text))
    return found


def _of_keys(access_keys: Mapping[KeyUse, KeyTimes], text: Callable[[datetime], str]) -> list[str]:
    """A line of each access key, principal and month."""
    texts = joined([(key, principal) for key, principal, _, _ in access_keys])
    return [
        f"{row}\t{year * 12 + month - 1}\t{text(times.first)}\t{text(times.last)}"
        for row, ((_, _, year, month), times) in zip(texts, access_keys.items(), strict=True)
    ]


def _of_kinds(kinds: Mapping[Kind, Mapping[str, Count]], text: Callable[[datetime], str]) -> list[str]:
    """A line of each kind of call."""
    texts, others = [], []
    for (account, principal, call, service, on_behalf, failed, month), found in kinds.items():
        if found:
            counts = found.values()
            firsts, numbers = [each.first for each in counts], [each.calls for each in counts]
            calls, each_first = sum(numbers), ",".join(map(text, firsts))
            # What was called once each has no other last instants: most objects have one call.
            lasts = firsts if calls == len(firsts) else [each.last for each in counts]
            each_last = each_first if lasts is firsts else ",".join(map(text, lasts))
            texts.append((account, principal, call, service, array_text(found)))
            others.append(
                f"{month}\t{on_behalf}\t{failed}\t{text(min(firsts))}\t{text(max(lasts))}\t{calls}\t"
                f"{{{each_first}}}\t{{{each_last}}}\t{{{','.join(map(str, numbers))}}}"
            )
    return [f"{row}\t{rest}" for row, rest in zip(joined(texts), others, strict=True)]
