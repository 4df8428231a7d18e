"""Packages of npm, for tests with programs in JavaScript."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def npm_install(folder: Path, *packages: str) -> None:
    """Installs packages in a folder; skips the test, and says why, where that cannot be."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    # Where there is no way to the packages, npm would try again for minutes.
    options = ("--loglevel", "error", "--no-fund", "--no-audit", "--fetch-retries", "0", "--prefix", str(folder))
    done = subprocess.run([npm, "install", *options, *packages], capture_output=True, text=True, timeout=400)
    if done.returncode != 0:
        pytest.skip(f"npm could not install {', '.join(packages)}: {done.stderr.strip()[-200:]}")
