"""`make fuzz COUNT=1000000 SEED=1`: random requests, the engine against the reference; ends at the first difference."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.support.policy.comparison import compare

_CHUNK = 2_000


def _chunk(seeds: range) -> tuple[Counter[str], str | None]:
    seen: Counter[str] = Counter()
    for seed in seeds:
        effect, difference = compare(seed)
        if difference is not None:
            return seen, difference
        seen[effect] += 1
    return seen, None


def main() -> None:
    count, first = int(os.environ.get("COUNT", "1000000")), int(os.environ.get("SEED", "1"))
    seen: Counter[str] = Counter()
    started = told = time.monotonic()
    chunks = [range(begin, min(begin + _CHUNK, first + count)) for begin in range(first, first + count, _CHUNK)]
    with multiprocessing.Pool() as pool:
        for found, difference in pool.imap_unordered(_chunk, chunks):
            if difference is not None:
                sys.exit(difference)
            seen += found
            if time.monotonic() - told > 30:
                told = time.monotonic()
                rate = seen.total() / (told - started)
                print(f"  {seen.total():,} of {count:,} requests agree, {rate:,.0f}/s", flush=True)
    shares = ", ".join(f"{effect} {number / count:.1%}" for effect, number in seen.most_common())
    print(f"{count:,} random requests (seeds {first} to {first + count - 1}): no disagreement; {shares}")


if __name__ == "__main__":
    main()
