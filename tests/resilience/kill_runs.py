"""Kill runs, as many as wanted: see tests/support/kill_runs.py.

make kill-runs COUNT=100 SEED=1
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tests.support.in_memory import folder_for_databases
from tests.support.kill_runs import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=int(os.environ.get("COUNT", "100")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="e-", dir=folder_for_databases()) as folder:
        run(Path(folder) / "home", asked.count, asked.seed, lambda text: print(text, flush=True))


if __name__ == "__main__":
    main()
