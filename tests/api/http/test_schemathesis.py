"""The whole API against its description, by schemathesis, with all of its checks.

ERSTWHILE_FUZZ_SECONDS: for how long; half a minute in a run of all tests. ERSTWHILE_FUZZ_EXAMPLES: of each operation,
ERSTWHILE_FUZZ_SEED: which.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from erstwhile.api.database.database import Database
from tests.support.http import serving

SECONDS = os.environ.get("ERSTWHILE_FUZZ_SECONDS", "30")
EXAMPLES = os.environ.get("ERSTWHILE_FUZZ_EXAMPLES", "12")
SEED = os.environ.get("ERSTWHILE_FUZZ_SEED", "11")
PROGRAM = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def run(url: str, token: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(PROGRAM), "--config-file", str(CONFIGURATION), "run", f"{url}/openapi.json",
        "--header", f"Authorization: {token}", "--max-examples", EXAMPLES, "--seed", SEED, "--max-time", SECONDS,
        "--continue-on-failure", "--no-color", "--request-timeout", "60", "--suppress-health-check", "all",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=1_800)


async def test_the_api_is_what_its_description_says(story: Database, tmp_path: Path) -> None:
    async with serving(story, ("admin",)) as client:
        done = await asyncio.to_thread(run, client.base, client.session.headers["Authorization"])
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
