"""Controls as data: those that come along, and a user's own, with errors that say the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erstwhile.domain.attestation.conditions.catalogue import CONDITIONS
from erstwhile.domain.controls.control import MissingList
from erstwhile.domain.controls.located import MalformedControls
from erstwhile.domain.controls.reading import FRAMEWORKS, known_controls, read_controls

LISTS = {"administrators": ("role/admin",), "open-resources": ()}
OWN = """
lists:
  readers: [user/ada, role/pay]
frameworks:
  - id: acme
    title: Acme's own
    controls:
      - id: PAY-1
        title: Few read the payroll
        conditions:
          - who-can: {action: "s3:GetObject", resource: "arn:aws:s3:::payroll/march", within: [$readers, user/bo]}
"""


def test_every_control_of_every_framework_makes_its_conditions_or_says_why_not() -> None:
    found = list(known_controls().every())
    assert [each.id for each in known_controls().frameworks] == list(FRAMEWORKS)
    assert len(found) > 80
    for each in found:
        made = each.made(LISTS)
        assert made or each.reports or each.not_computable, each
        assert all(one.words() for one in made)
        assert each.computable(LISTS) != "needs lists"
    assert {each.computable({}) for each in found} == {"yes", "in part", "needs lists", "by reports", "no"}


def test_a_control_is_found_by_its_name_and_by_an_id_that_one_framework_has() -> None:
    known = known_controls()
    assert known.find("cis-aws/2.10").title == "Users with a console password have MFA"
    assert known.find("cc6.3") is known.find("SOC2/CC6.3")
    assert known.find("cis-aws/4.5") is known.find("4.10") is known.find("cis-aws/4.3-4.10")
    with pytest.raises(MalformedControls, match=r"there is no control 'cis-aws/4\.11'"):
        known.find("cis-aws/4.11")
    with pytest.raises(MalformedControls, match=r"did you mean .*CC6\.3"):
        known.find("CC6-3")
    with pytest.raises(MalformedControls, match=r"there is no framework 'iso': did you mean .*iso27001"):
        known.framework("iso")


def test_a_list_that_is_missing_is_named() -> None:
    control = known_controls().find("soc2/CC6.3")
    with pytest.raises(MissingList, match=r"soc2/CC6\.3 needs the list administrators"):
        control.made({})


def test_own_controls_take_lists_by_name() -> None:
    own = read_controls(OWN)
    both = known_controls().beside(own)
    [condition] = both.find("PAY-1").made(both.lists)
    assert condition.words() == (
        "nobody can do s3:GetObject on arn:aws:s3:::payroll/march but user/ada, role/pay, user/bo"
    )


def test_the_example_of_the_page_about_controls_is_read() -> None:
    page = (Path(__file__).parents[3] / "CONTROLS.md").read_text("utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.S)
    own = read_controls(example)
    assert [each.computable(own.lists) for each in own.every()] == ["yes", "yes", "no"]
    assert known_controls().beside(own).find("soc2/CC6.3").computable(own.lists) == "yes"
    for name in CONDITIONS:
        assert f"`{name}`" in page


CONTROL = "frameworks:\n  - id: a\n    title: A\n    controls:\n      - id: B\n        title: B\n"
WRONG = {
    "no YAML": ("frameworks: [", "line 1 of the file is no YAML"),
    "nothing": ("", "line 1 of the file: expected members lists, frameworks"),
    "unknown member": ("framework: []", "line 1 of the file: framework is not expected here: did you mean frameworks"),
    "no title": ("frameworks:\n  - id: a\n", "line 2 of the file: title is missing"),
    "number": (
        "frameworks:\n  - id: 2.10\n    title: A", "line 2 of the file: id is no text but 2.1: put it in quotes",
    ),
    "says nothing": (CONTROL, "line 5 of the file: the control B says nothing"),
    "unknown condition": (
        CONTROL + "        conditions:\n          - mfa-for-password\n",
        "line 8 of the file: there is no condition 'mfa-for-password': did you mean mfa-for-passwords",
    ),
    "unknown parameter": (
        CONTROL + "        conditions:\n          - key-age: {day: 3}\n",
        "line 8: control B: key-age: .*unknown field `day`; its parameters are days",
    ),
    "wrong type": (
        CONTROL + "        conditions:\n          - key-age: {days: many}\n",
        "line 8: control B: key-age: Expected `int`"
    ),
    "unknown report": (CONTROL + "        reports: [keyage]\n",
        "line 7 of the file: there is no report 'keyage': did you"),
    "pattern": (
        CONTROL + "        conditions:\n          - who-can: {action: s3:GetObject, resource: 'arn:aws:s3:::b/*'}\n",
        "line 8: control B: who-can: .* stands for many resources",
    ),
    "no action": (
        CONTROL + "        conditions:\n          - who-can: {action: 's3:Get*', resource: '*'}\n",
        "line 8: control B: who-can: .* is no single action",
    ),
    "twice": (CONTROL + "        title: C\n", "line 7 of the file: title comes twice"),
    "same control": (
        CONTROL + "        reports: [key-age]\n      - id: B\n        title: B\n        reports: [key-age]\n",
        "line 8 of the file: a has a control B in line 5 already",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_an_error_says_the_line_and_what_is_expected(text: str, message: str) -> None:
    with pytest.raises(MalformedControls, match=message):
        read_controls(text, reports=["key-age"])
