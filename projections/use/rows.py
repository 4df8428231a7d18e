"""The rows of the read model of use, as lines for COPY. The process that reads files ahead makes them, too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from erstwhile.domain.use.tally import Count, Kind
from erstwhile.projections.copy_text import array_text, instant_text, joined

COLUMNS = (
    "account", "principal", "call", "service", "resources", "month", "on_behalf", "failed", "first_at", "last_at",
    "calls", "firsts", "lasts", "numbers",
)  # fmt: skip
"""All but the run."""


def lines_of(kinds: Mapping[Kind, Mapping[str, Count]]) -> list[str]:
    """A line of each kind of call, with the escaped fields of `COLUMNS`."""
    text = lru_cache(maxsize=65_536)(instant_text)
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
