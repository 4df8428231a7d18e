"""The whole catalogue of AWS-managed policies, where the package that ships one is installed: moto (Apache-2.0).

It tells each policy's version in force when it was made, and since when; earlier ones stay unknown.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import orjson

from erstwhile.domain.observed.managed_policies import Version, read_listing

PACKAGE = "moto"
MISSING = (
    "no package that ships the catalogue of AWS-managed policies is installed: install moto (`pip install moto`), "
    "or name a file or folder"
)


class Installed(NamedTuple):
    """The file that ships the catalogue."""

    path: Path
    sha256: bytes

    @property
    def label(self) -> str:
        return f"{PACKAGE}: {self.path.name}"

    def read(self) -> list[Version]:
        """Raises MalformedCatalogue."""
        data: Any = orjson.loads(_loaded(self.path).aws_managed_policies_data)
        return read_listing(data)


def find() -> Installed | None:
    """None where no package is installed."""
    path = _path()
    if path is None:
        return None
    with path.open("rb") as file:
        return Installed(path, hashlib.file_digest(file, "sha256").digest())


def _path() -> Path | None:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "iam" / "aws_managed_policies.py"
    return path if path.is_file() else None


def _loaded(path: Path) -> ModuleType:
    """The one file, without the package around it, which would load its models of every service."""
    name = "erstwhile_installed_catalogue"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop(name, None)
    return module
