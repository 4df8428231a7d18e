"""Files of policy tests, as YAML:

    policies:                      # what every test of the file is decided by: documents, or files beside this one
      identity: [payroll-read.json]
    defaults: {resource_account: "111122223333"}
    tests:
      - name: finance reads the payroll
        principal: arn:aws:iam::111122223333:user/grace
        action: [s3:GetObject, s3:GetObjectVersion]      # lists: every combination
        resource: arn:aws:s3:::payroll/march.csv
        context: {aws:SourceIp: 203.0.113.9}
        expect: allow                                    # allow, deny, explicit_deny, implicit_deny, conditional
        by: ReadPayroll                                  # optional: a determining statement's Sid or policy
    table:                         # or briefly: a row a test, under a row of names
      - [principal, action, resource, expect]
      - [arn:aws:iam::111122223333:user/bob, s3:GetObject, arn:aws:s3:::payroll/march.csv, deny]

Instead of `policies`, `as_of` (an instant, or now) and `known_at` ask what the database knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
import yaml

from erstwhile.domain.vocabulary import yaml_text
from erstwhile.domain.vocabulary.malformed import MalformedInput

EXPECTATIONS = ("allow", "deny", "explicit_deny", "implicit_deny", "conditional")
_FILE_MEMBERS = ("policies", "as_of", "known_at", "defaults", "tests", "table")
_CASE_MEMBERS = (
    "name", "principal", "action", "resource", "resource_account", "context", "mode", "expect", "by", "blocked_by",
    "policies",
)  # fmt: skip
_PRODUCT = ("principal", "action", "resource")
_LAYERS = ("identity", "permissions_boundary", "session", "resource", "scp", "rcp", "vpc_endpoint")
MAX_BYTES = 16 * 1024 * 1024


class MalformedTests(MalformedInput):
    """not a file of policy tests"""

    code = "malformed_tests"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One question and what is expected. `given` is a request as `erstwhile evaluate` takes it."""

    name: str
    given: dict[str, Any]
    expect: str
    by: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] | None = None


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """A file of tests. `as_of` None: the tests bring their policies; "now": what is known now."""

    path: Path
    cases: tuple[Case, ...]
    as_of: str | None = None
    known_at: str | None = None


def find_tests(path: Path) -> list[Path]:
    """The file, or the .yaml and .yml files of a folder. Raises MalformedTests when there are none."""
    if path.is_file():
        return [path]
    found = sorted(each for each in path.rglob("*") if each.suffix in (".yaml", ".yml")) if path.is_dir() else []
    if not found:
        raise MalformedTests(f"{path}: no .yaml or .yml file of policy tests is there")
    return found


def read_suite(path: Path) -> Suite:
    """Raises MalformedTests, with the place."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MalformedTests(f"{path} is larger than {MAX_BYTES:,} bytes")
        data = yaml_text.load(path.read_text(encoding="utf-8"), _Loader, aliases=True)
    except yaml_text.UnreadableYaml as error:
        where = f", line {error.line}" if error.line else ""
        raise MalformedTests(f"{path}{where} is not YAML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedTests(f"{path}: {error}") from None
    try:
        return _suite(path, data)
    except MalformedTests as error:
        raise MalformedTests(f"{path}: {error}") from None


class _Loader(yaml.SafeLoader):
    """Plain YAML, but instants stay text: they are written as this service reads them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _suite(path: Path, data: Any) -> Suite:
    if not isinstance(data, dict):
        raise MalformedTests(f"expected an object with {', '.join(_FILE_MEMBERS)}")
    _only(data, _FILE_MEMBERS, "the file")
    as_of = data.get("as_of")
    known_at = data.get("known_at")
    if as_of is None and known_at is not None:
        as_of = "now"
    if as_of is not None and "policies" in data:
        raise MalformedTests("as_of asks what the database knows: policies cannot be given as well")
    policies = _policies(path.parent, data.get("policies"), "policies")
    defaults = data.get("defaults") or {}
    if not isinstance(defaults, dict):
        raise MalformedTests("defaults must be an object")
    cases: list[Case] = []
    for place, entry in _entries(data):
        cases += _cases(path.parent, place, defaults | entry, policies, as_of is not None)
    if not cases:
        raise MalformedTests("it holds no tests")
    return Suite(
        path=path,
        cases=tuple(cases),
        as_of=None if as_of is None else str(as_of),
        known_at=None if known_at is None else str(known_at),
    )


def _only(data: dict[str, Any], members: tuple[str, ...], where: str) -> None:
    strange = sorted(str(name) for name in data if name not in members)
    if strange:
        raise MalformedTests(f"{where}: {strange[0]!r} is not known; there are: {', '.join(members)}")


def _entries(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, test) of the list and of the table."""
    listed = data.get("tests") or []
    if not isinstance(listed, list):
        raise MalformedTests("tests must be a list")
    for number, entry in enumerate(listed, 1):
        if not isinstance(entry, dict):
            raise MalformedTests(f"test {number} must be an object")
        yield f"test {number}", entry
    table = data.get("table") or []
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise MalformedTests("table must be a list of rows, the names first")
    if table:
        names = [str(name) for name in table[0]]
        for number, row in enumerate(table[1:], 1):
            if len(row) != len(names):
                raise MalformedTests(f"row {number} of the table has {len(row)} columns, the names are {len(names)}")
            yield f"row {number}", {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _cases(
    folder: Path, place: str, entry: dict[str, Any], policies: dict[str, Any], of_directory: bool
) -> Iterator[Case]:
    _only(entry, _CASE_MEMBERS, place)
    if entry.get("expect") not in EXPECTATIONS:
        raise MalformedTests(f"{place}: expect must be one of {', '.join(EXPECTATIONS)}, not {entry.get('expect')!r}")
    if of_directory and "policies" in entry:
        raise MalformedTests(f"{place}: as_of asks what the database knows: policies cannot be given as well")
    blocked = entry.get("blocked_by")
    choices = [_texts(place, name, entry.get(name)) for name in _PRODUCT]
    combinations = list(itertools.product(*choices))
    for principal, action, resource in combinations:
        given: dict[str, Any] = {name: entry[name] for name in ("resource_account", "context", "mode") if name in entry}
        given |= {"principal": principal, "action": action, "resource": resource}
        if "resource_account" in given:
            given["resource_account"] = _account(given["resource_account"])
        if not of_directory:
            given["policies"] = policies | _policies(folder, entry.get("policies"), f"{place}: policies")
        question = f"{principal} {action} {resource}"
        name = str(entry.get("name") or question)
        yield Case(
            name=name if len(combinations) == 1 or "name" not in entry else f"{name}: {question}",
            given=given,
            expect=entry["expect"],
            by=tuple(_texts(place, "by", entry["by"])) if "by" in entry else (),
            blocked_by=None if blocked is None else tuple(_texts(place, "blocked_by", blocked)),
        )


def _texts(place: str, name: str, value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(each, str) and each for each in found):
        hint = " (quote accounts: 0 and 1 make a number)" if any(isinstance(each, int) for each in found) else ""
        raise MalformedTests(f"{place}: {name} must be a string, or a list of strings{hint}")
    return found


def _account(value: Any) -> Any:
    """Twelve digits without quotes are a number to YAML."""
    return f"{value:012d}" if isinstance(value, int) and not isinstance(value, bool) else value


def _policies(folder: Path, given: Any, where: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise MalformedTests(f"{where} must be an object of layers: {', '.join(_LAYERS)}")
    _only(given, _LAYERS, where)
    return {layer: _documents(folder, value, f"{where}.{layer}") for layer, value in given.items()}


def _documents(folder: Path, value: Any, where: str) -> Any:
    """Paths replaced by the documents that lie there."""
    if isinstance(value, list):
        return [_documents(folder, each, f"{where}[{index}]") for index, each in enumerate(value)]
    if not isinstance(value, str) or value.lstrip().startswith("{"):
        return value
    try:
        document = orjson.loads((folder / value).read_bytes())
    except OSError as error:
        raise MalformedTests(f"{where}: {value}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise MalformedTests(f"{where}: {value} is not JSON: {error}") from None
    return {"name": value, "document": document}
