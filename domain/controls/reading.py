"""Frameworks and rules from YAML: those of a user's own are read as those that come along.

lists:
  administrators: [role/admin, user/ada]
frameworks:
  - id: acme
    title: Acme's own
    controls:
      - id: PAY-1
        title: Ada alone reads the payroll
        conditions:
          - who-can: {action: "s3:GetObject", resource: "arn:aws:s3:::payroll/march.csv", within: [user/ada]}
        reports: [entitlement-review]
      - id: OFFICE-1
        title: Doors are locked
        not-computable: No record of AWS tells of doors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from erstwhile.domain.attestation.conditions.catalogue import CONDITIONS, MalformedCondition, condition, like
from erstwhile.domain.controls.control import Control, Framework, Named, filled
from erstwhile.domain.controls.located import Located, MalformedControls, Path

FRAMEWORKS = ("soc2", "iso27001", "pci-dss", "cis-aws", "nist-800-53")
"""Those that come along, in the order in which they are listed."""
_CONTROL = ("id", "title", "conditions", "reports", "not-computable")
_FRAMEWORK = ("id", "title", "version", "source", "controls")
_FILE = ("lists", "frameworks")
_RANGE = re.compile(r"(.*\.)(\d+)-\1(\d+)")
"""The id of controls that stand together: `4.3-4.10`."""


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """Frameworks, and the lists that conditions name as `$name`."""

    frameworks: tuple[Framework, ...]
    lists: dict[str, tuple[str, ...]] = {}

    def every(self) -> Iterator[Control]:
        for framework in self.frameworks:
            yield from framework.controls

    def find(self, name: str) -> Control:
        """A control by its whole name (`cis-aws/2.10`), or by its id where one framework alone has it; where several
        stand together (`cis-aws/4.3-4.10`), by that of each. Raises MalformedControls for one that there is not, with
        names that are like it."""
        names = {each.name.lower(): each for each in self.every()}
        found = names.get(name.lower())
        if found is not None:
            return found
        several = [each for each in self.every() if each.id.lower() == name.lower()]
        several = several or [each for each in self.every() if _is_in(name.lower(), each)]
        if len(several) == 1:
            return several[0]
        if several:
            raise MalformedControls(
                f"several frameworks have a control {name}: {', '.join(one.name for one in several)}"
            )
        written = {word.lower(): word for each in names.values() for word in (each.id, each.name)}
        near = get_close_matches(name.lower(), written, 3, 0.5)
        words = f": did you mean {' or '.join(written[each] for each in near)}?" if near else ""
        raise MalformedControls(f"there is no control {name!r}{words}")

    def framework(self, name: str) -> Framework:
        """Raises MalformedControls."""
        found = {each.id: each for each in self.frameworks}
        if name not in found:
            raise MalformedControls(f"there is no framework {name!r}{like(name, found)}")
        return found[name]

    def beside(self, own: Controls) -> Controls:
        """These, and a user's own: a framework of the same id takes the place of the one here."""
        ids = {each.id for each in own.frameworks}
        kept = tuple(each for each in self.frameworks if each.id not in ids)
        return Controls(frameworks=(*kept, *own.frameworks), lists={**self.lists, **own.lists})


def _is_in(name: str, control: Control) -> bool:
    """Whether a name (lower case) is that of one of several controls that stand together."""
    several = _RANGE.fullmatch(control.id)
    framework, _, own = name.rpartition("/")
    if several is None or framework not in ("", control.framework):
        return False
    chapter, first, last = several.groups()
    number = own.removeprefix(chapter.lower())
    return own.startswith(chapter.lower()) and number.isdecimal() and int(first) <= int(number) <= int(last)


@cache
def known_controls() -> Controls:
    """The frameworks that come along."""
    folder = files("erstwhile.domain.controls.frameworks")
    found = [
        each
        for name in FRAMEWORKS
        for each in read_controls((folder / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml").frameworks
    ]
    return Controls(frameworks=tuple(found))


def read_controls(text: str, what: str = "the file", reports: Collection[str] | None = None) -> Controls:
    """Frameworks and lists. `reports`: the names of the reports that there are, where they are to be checked. Raises
    MalformedControls, which names the line and what is expected."""
    return _Reader(Located(text, what), reports).read()


class _Reader:
    def __init__(self, located: Located, reports: Collection[str] | None) -> None:
        self._located = located
        self._reports = reports

    def read(self) -> Controls:
        whole = self._members(self._located.value, (), _FILE)
        lists = {name: self._texts(each, ("lists", name)) for name, each in self._pairs(whole, "lists")}
        frameworks = [
            self._framework(each, ("frameworks", place))
            for place, each in enumerate(self._list(whole.get("frameworks", []), ("frameworks",)))
        ]
        for framework in frameworks:
            self._try(framework, lists)
        return Controls(frameworks=tuple(frameworks), lists=lists)

    def _try(self, framework: Framework, lists: Mapping[str, tuple[str, ...]]) -> None:
        """Makes each condition once, with what stands for lists that are not given: its parameters are looked at."""
        for control in framework.controls:
            given = {**dict.fromkeys(control.needs(lists), ("*",)), **lists}
            for each in control.conditions:
                try:
                    condition(each.name, filled(each.parameters, given))
                except MalformedCondition as error:
                    raise MalformedControls(f"line {each.line}: control {control.id}: {error}") from None

    def _framework(self, value: Any, path: Path) -> Framework:
        told = self._members(value, path, _FRAMEWORK)
        name = self._text(told, path, "id")
        found = [
            self._control(each, (*path, "controls", place), name)
            for place, each in enumerate(self._list(told.get("controls", []), (*path, "controls")))
        ]
        seen: dict[str, int] = {}
        for place, each in enumerate(found):
            if each.id in seen:
                here = (*path, "controls", place)
                raise self._located.wrong(here, f"{name} has a control {each.id} in line {seen[each.id]} already")
            seen[each.id] = each.line
        return Framework(
            id=name, title=self._text(told, path, "title"), version=str(told.get("version", "")),
            source=str(told.get("source", "")), controls=tuple(found),
        )  # fmt: skip

    def _control(self, value: Any, path: Path, framework: str) -> Control:
        told = self._members(value, path, _CONTROL)
        reports = self._texts(told.get("reports", []), (*path, "reports"))
        for each in reports:
            if self._reports is not None and each not in self._reports:
                names = dict.fromkeys(self._reports)
                raise self._located.wrong((*path, "reports"), f"there is no report {each!r}{like(each, names)}")
        found = Control(
            framework=framework, id=self._text(told, path, "id"), title=self._text(told, path, "title"),
            conditions=tuple(self._conditions(told.get("conditions", []), (*path, "conditions"))), reports=reports,
            not_computable=str(told.get("not-computable", "")).strip(), line=self._located.line(*path),
        )  # fmt: skip
        if not (found.conditions or found.reports or found.not_computable):
            raise self._located.wrong(
                path, f"the control {found.id} says nothing: expected conditions, reports, or not-computable with why"
            )
        return found

    def _conditions(self, value: Any, path: Path) -> Iterator[Named]:
        for place, each in enumerate(self._list(value, path)):
            here = (*path, place)
            if isinstance(each, str):
                name, parameters = each, None
            elif isinstance(each, dict) and len(each) == 1:
                [(name, parameters)] = each.items()
            else:
                raise self._located.wrong(here, "expected the name of a condition, or one name with its parameters")
            if name not in CONDITIONS:
                raise self._located.wrong(here, f"there is no condition {name!r}{like(name, CONDITIONS)}")
            yield Named(name, parameters, self._located.line(*here))

    def _members(self, value: Any, path: Path, names: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._located.wrong(path, f"expected members {', '.join(names)}")
        for each in value:
            if each not in names:
                known = dict.fromkeys(names)
                raise self._located.wrong((*path, each), f"{each} is not expected here{like(each, known)}")
        return value

    def _pairs(self, whole: dict[str, Any], name: str) -> list[tuple[str, Any]]:
        value = whole.get(name) or {}
        if not isinstance(value, dict):
            raise self._located.wrong((name,), f"{name}: expected names, each with a list")
        return list(value.items())

    def _list(self, value: Any, path: Path) -> list[Any]:
        if not isinstance(value, list):
            raise self._located.wrong(path, "expected a list")
        return value

    def _texts(self, value: Any, path: Path) -> tuple[str, ...]:
        return tuple(str(each) for each in self._list(value, path))

    def _text(self, told: dict[str, Any], path: Path, name: str) -> str:
        value = told.get(name)
        if value is None or not str(value).strip():
            raise self._located.wrong(path, f"{name} is missing")
        if not isinstance(value, str):
            raise self._located.wrong((*path, name), f"{name} is no text but {value!r}: put it in quotes")
        return str(value).strip()
