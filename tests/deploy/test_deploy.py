"""The files that a server is run by, as far as a machine without them can tell: parsed, and held against the code."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from erstwhile.api.configuration.file import read
from erstwhile.api.configuration.table import BY_NAME
from tests.support.program import erstwhile

pytestmark = pytest.mark.sources
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
INSTRUCTIONS = {
    "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
    "CMD",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Containerfile, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = [line for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "erstwhile.service")
    return parser


def require_command(words: list[str]) -> None:
    """The words that follow `erstwhile` are a command of ours, with options that it has."""
    found = erstwhile(None, *words, "--help")
    assert found.returncode == 0, found.stderr


def test_the_unit_runs_what_there_is() -> None:
    service = unit()["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[0].endswith("/bin/erstwhile") and words[1] == "--config"
    require_command(["serve"])
    variables = dict(each.split("=", 1) for each in shlex.split(service["Environment"]))
    assert set(variables) <= set(BY_NAME)
    assert variables["ERSTWHILE_HOME"] == f"/var/lib/{service['StateDirectory']}"
    assert service["StateDirectoryMode"] == "0700" and service["UMask"] == "0077"
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main"), "the parent alone says READY"
    assert int(service["TimeoutStopSec"]) > 40, "calls under way have 25 s, and threads 15"
    # Only the parent gets the signal; it ends its workers, and the embedded database lives until they ended.
    assert service["KillMode"] == "mixed"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "erstwhile.service").read_text()
    # The program and its user are not on this machine.
    text = text.replace("/opt/erstwhile/bin/erstwhile", "/bin/true").replace("=erstwhile\nGroup=erstwhile", "=root")
    (tmp_path / "erstwhile.service").write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "erstwhile.service")], capture_output=True, text=True
    )
    ours = [line for line in found.stderr.splitlines() if "erstwhile.service" in line]
    assert ours == [], found.stderr


def test_the_container_has_all_it_needs_and_no_root() -> None:
    found = instructions()
    assert {name for name, _ in found} <= INSTRUCTIONS
    assert [name for name, _ in found].count("FROM") == 2 and found[0][0] == "FROM"
    last = dict(found)
    assert last["USER"] not in ("root", "0")
    variables = dict(each.split("=", 1) for name, text in found if name == "ENV" for each in shlex.split(text))
    assert set(variables) - {"PATH"} <= set(BY_NAME)
    assert last["VOLUME"] == variables["ERSTWHILE_HOME"] and last["EXPOSE"] == BY_NAME["ERSTWHILE_PORT"].default
    assert "/readyz" in last["HEALTHCHECK"]
    assert last["ENTRYPOINT"] == '["erstwhile"]' and last["CMD"] == '["serve"]'
    for name, arguments in found:
        if name == "RUN":
            assert subprocess.run(["sh", "-n", "-c", arguments]).returncode == 0, arguments


def test_the_example_of_settings_has_no_unknown_line(tmp_path: Path) -> None:
    text = (DEPLOY / "erstwhile.toml").read_text()
    every = tmp_path / "all.toml"
    every.write_text(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))
    assert len(read(every)) > len(read(DEPLOY / "erstwhile.toml")) >= 5
