"""Settings of a file and of the environment, and the table of all of them."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import orjson
import pytest

from erstwhile.api.configuration import file
from erstwhile.api.configuration.document import documented
from erstwhile.api.configuration.table import BY_NAME, SETTINGS
from erstwhile.api.serving import first_start
from tests.support.program import erstwhile

ROOT = Path(__file__).resolve().parents[3]
OF_THE_PROGRAM = {"ERSTWHILE_CONFIG", "ERSTWHILE_WORKER", "ERSTWHILE_COMPLETE", "ERSTWHILE_TOKEN"}
"""Names the file; tells a worker what it is; completes a command line in bash; stands in first-start.env."""


@pytest.mark.sources
def test_the_table_has_every_setting_that_the_code_reads_and_no_other() -> None:
    sources = [path for room in ("api", "domain", "projections") for path in (ROOT / room).rglob("*.py")]
    texts = [path.read_text() for path in sources if "configuration" not in path.parts]
    named = set(re.findall(r"ERSTWHILE_[A-Z0-9_]*[A-Z0-9]", "\n".join(texts)))
    assert named - OF_THE_PROGRAM == set(BY_NAME)
    assert len({each.key for each in SETTINGS}) == len(SETTINGS)


def test_the_page_has_the_table() -> None:
    page = (ROOT / "RUNNING.md").read_text()
    assert documented(page) == page, "write it anew: python -m tests.support.settings_table"


def test_environment_wins_over_the_file_and_each_value_says_whence(tmp_path: Path) -> None:
    config = tmp_path / "erstwhile.toml"
    config.write_text('port = 9000\nhost = "::1"\nmaster_key = "c2VjcmV0"\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n')
    found = erstwhile(None, "--config", str(config), "config", "show", "--json", ERSTWHILE_HOST="0.0.0.0")
    assert found.returncode == 0, found.stderr
    rows = {row["key"]: row for row in orjson.loads(found.stdout)}
    assert list(rows) == [each.key for each in SETTINGS]
    assert (rows["port"]["value"], rows["port"]["from"]) == ("9000", str(config))
    assert (rows["host"]["value"], rows["host"]["from"]) == ("0.0.0.0", "environment")
    assert rows["trusted_proxies"]["value"] == "10.0.0.0/8,::1"
    assert rows["master_key"]["value"] == "***" and "c2VjcmV0" not in found.stdout
    assert (rows["access_log"]["value"], rows["access_log"]["from"]) == ("errors", "default")
    shown = erstwhile(None, "config", "show", ERSTWHILE_CONFIG=str(config), ERSTWHILE_PROT="1")
    assert re.search(r"port +9000 +\S+erstwhile\.toml", shown.stdout) and "c2VjcmV0" not in shown.stdout
    assert "ERSTWHILE_PROT is no setting; did you mean port?" in shown.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prot = 1", "no setting 'prot'; did you mean port?"),
        ('decision_logs = "off"', "did you mean decision_log?"),
        ("zzz = 1", "`erstwhile config show` lists them"),
        ("[server]\nport = 1", "no setting 'server'"),
        ("port = {}", "port must be a text, a number"),
        ("port = ", "is not TOML"),
        ('trusted_proxies = ["a,b"]', "trusted_proxies must be"),
        ("port = 99999999", "ERSTWHILE_PORT must be a port number"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(text: str, expected: str, tmp_path: Path) -> None:
    config = tmp_path / "erstwhile.toml"
    config.write_text(text)
    found = erstwhile(None, "--config", str(config), "status")
    assert found.returncode == 1 and expected in found.stderr


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(file.MalformedConfiguration, match="No such file"):
        file.read(tmp_path / "none.toml")


def test_secrets_of_a_first_start_are_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("ERSTWHILE_FIRST_START", "auto")
    before = os.umask(0)
    try:
        first_start.hand_over(home, "The token", {"ERSTWHILE_TOKEN": "erst_1"}, "erst_1")
        first_start.hand_over(home, "The key", {"AWS_ACCESS_KEY_ID": "AKIA1"}, "AKIA1")
    finally:
        os.umask(before)
    path = home / first_start.FILE
    assert path.read_text() == "ERSTWHILE_TOKEN=erst_1\nAWS_ACCESS_KEY_ID=AKIA1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = capsys.readouterr().out
    assert "erst_1" not in told and "AKIA1" not in told and str(path) in told
    monkeypatch.setenv("ERSTWHILE_FIRST_START", "print")
    first_start.hand_over(home, "The token", {"ERSTWHILE_TOKEN": "erst_2"}, "erst_2")
    first_start.hand_over(None, "The token", {"ERSTWHILE_TOKEN": "erst_3"}, "erst_3")
    assert "erst_2" in (told := capsys.readouterr().out) and "erst_3" in told and "erst_2" not in path.read_text()
