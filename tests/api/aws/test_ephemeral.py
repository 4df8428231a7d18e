"""The fixture that README shows for test suites, as a stranger would use it: with pytest, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TESTS = """
def test_one(iam):
    assert iam.create_user(UserName="ada")["User"]["UserName"] == "ada"

def test_two(iam):
    assert [each["UserName"] for each in iam.list_users()["Users"]] == ["ada"]
"""


def test_the_fixture_of_the_readme(tmp_path: Path) -> None:
    [fixture] = [
        each for each in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S) if "fixture" in each
    ]
    (tmp_path / "test_mine.py").write_text(fixture + TESTS)
    programs = str(Path(sys.executable).parent)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"test_mine.py", "__pycache__"}
