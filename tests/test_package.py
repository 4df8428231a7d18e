"""What is installed: one top-level package, `erstwhile`, with all that the sources need beside the code."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.sources
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the committed and the changed files, built from a copy so that nothing is left in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no Git checkout")
    subprocess.run(["tar", "--null", "-T", "-", "-cf", folder / "tree.tar"], cwd=ROOT, input=listed.stdout, check=True)
    (folder / "tree").mkdir()
    subprocess.run(["tar", "-xf", folder / "tree.tar", "-C", folder / "tree"], check=True)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(folder / "tree"),
    ]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_installs_one_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"erstwhile"}


def test_the_wheel_holds_every_source_and_data_file(wheel: Path) -> None:
    rooms = ("domain", "projections", "api", "migrations")
    sources = {path for room in rooms for path in (ROOT / room).rglob("*") if path.suffix in {".py", ".sql", ".json"}}
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {f"erstwhile/{path.relative_to(ROOT)}" for path in sources} - packed == set()


def test_the_wheel_runs_as_a_module(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    where = tmp_path / "where.py"
    where.write_text("import erstwhile.domain; print(erstwhile.domain.__file__)")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    for command, expected in (([str(where)], str(tmp_path / "erstwhile")), (["-m", "erstwhile", "--version"], "")):
        ran = subprocess.run(
            [sys.executable, *command], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert ran.stdout.startswith(expected)
