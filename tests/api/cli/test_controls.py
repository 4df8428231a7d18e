"""Controls on the command line: all of them, and whether one held in a period."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

DAY = ("--from", "2026-03-03 08:00", "--to", "2026-03-04")
OWN = """
lists: {administrators: [role/Admin, user/ada]}
frameworks:
  - id: acme
    title: Acme's own
    controls:
      - id: ADM-1
        title: Few are administrators
        conditions:
          - administrators-within: {within: [$administrators]}
"""


def test_an_attestation_in_every_form(story: Database, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN, "utf-8")
    asked = ("attest", "ADM-1", *DAY, "--controls", str(own))
    table = erstwhile(story, *asked).stdout
    assert "held for 1.98 of 3.39 known hours, 12.6 hours unknown; broken once" in table
    assert "@31 iam:CreatePolicyVersion by" in table and "no record names a principal role/Admin" in table
    whole = orjson.loads(erstwhile(story, *asked, "--json").stdout)
    [found] = whole["breaks"]
    assert (whole["verdict"], found["from"], found["to"]) == ("broken", "2026-03-03T14:09:12Z", "2026-03-03T15:33:40Z")
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, *asked, "--csv").stdout)))
    assert [row["subject"].rpartition("/")[2] for row in rows] == ["build-bot", "support-sync"]
    assert [each["begun_by"][0]["position"] for each in found["lapses"]] == [31, 22]


def test_what_cannot_be_attested_says_why(story: Database, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(OWN.replace("{within:", "{withn:"), "utf-8")
    for given, words in (
        (("2.2",), "Contact details are not in records of access"),
        (("2.7",), "reports about it: root-use"),
        (("CC6.3",), "needs the list administrators"),
        (("CC6-3",), "did you mean"),
        (("ADM-1", "--controls", str(wrong)), "line 10: control ADM-1"),
        (("ADM-1", "--controls", str(tmp_path / "none.yaml")), "No such file"),
        (("2.10", "--account", "1"), "1"),
    ):
        found = erstwhile(story, "attest", *given, *DAY)
        assert found.returncode in (1, 2) and words in found.stderr and not found.stdout, (given, found.stderr)


def test_a_period_without_records_is_not_attestable_and_never_held(story: Database) -> None:
    asked = ("attest", "cis-aws/2.10", "--from", "2026-03-05", "--to", "2026-03-06", "--json")
    found = orjson.loads(erstwhile(story, *asked).stdout)
    assert (found["verdict"], found["hours"]["known"], found["hours"]["unknown"]) == ("not_attestable", 0, 24)


def test_controls_of_a_framework(story: Database) -> None:
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, "controls", "--framework", "cis-aws", "--csv").stdout)))
    assert rows[0]["control"] == "cis-aws/2.1.1" and {row["computable"] for row in rows} == {"yes", "by reports", "no"}


def test_leavers_from_the_lists_that_spreadsheets_save(story: Database, tmp_path: Path) -> None:
    people = "Name;Left on;Login\nGräce;2026-03-03T15:00:00Z;grace\n"
    asked = ("report", "leavers", "--as-of", "2026-03-03 18:00", "--output", "json")
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / encoding).write_bytes(people.encode(encoding))
        found = orjson.loads(erstwhile(story, *asked, "--people", str(tmp_path / encoding)).stdout)
        assert found["sections"][0]["rows"][0]["person"] == "Gräce"
    (tmp_path / "latin").write_bytes(people.encode("latin-1"))
    refused = erstwhile(story, *asked, "--people", str(tmp_path / "latin"))
    assert refused.returncode == 2 and "is not UTF-8 (line 2, byte" in refused.stderr and not refused.stdout
