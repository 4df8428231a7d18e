"""The configuration in a Terraform plan: which resource an argument of another refers to.

Source: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_INDEX = re.compile(r"\[[^\]]*\]")


class Configuration:
    """Of one plan. References through variables and outputs of modules are not followed."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._expressions: dict[str, dict[str, Any]] = {}
        configuration = plan.get("configuration")
        if isinstance(configuration, dict):
            self._read(configuration.get("root_module"), "")

    def _read(self, module: Any, prefix: str) -> None:
        if not isinstance(module, dict):
            return
        for each in module.get("resources") or ():
            if isinstance(each, dict) and isinstance(each.get("expressions"), dict):
                self._expressions[prefix + str(each.get("address", ""))] = each["expressions"]
        calls = module.get("module_calls")
        for name, call in (calls if isinstance(calls, dict) else {}).items():
            if isinstance(call, dict):
                self._read(call.get("module"), f"{prefix}module.{name}.")

    def arguments_of(self, address: str) -> Callable[[str], bool]:
        """Whether the configuration of a resource gives an argument; every one, of a resource that it does not have."""
        expressions = self._expressions.get(_INDEX.sub("", address))
        return lambda argument: expressions is None or argument in expressions

    def source_of(self, address: str, argument: str) -> tuple[str, str] | None:
        """The address of the resource that an argument refers to, and which of its attributes; None where it refers to
        none, or to several. An instance (`a.b["x"]`) refers to the instance of its own index, where the other has
        instances too."""
        expression = self._expressions.get(_INDEX.sub("", address), {}).get(argument)
        references = expression.get("references") if isinstance(expression, dict) else None
        if not isinstance(references, list):
            return None
        found = {
            (parts[0] + "." + parts[1], parts[2])
            for each in references
            if isinstance(each, str)
            for parts in (_INDEX.sub("", each).split("."),)
            if len(parts) == 3 and parts[0] not in ("each", "var", "local", "module", "data", "path")
        }
        if len(found) != 1:
            return None
        [(resource, attribute)] = found
        # The module of the instance, with its own index.
        head = address[: len(address) - len(_own(address))]
        indexed = any("[" in each for each in references if isinstance(each, str))
        index = _INDEX.search(_own(address))
        return head + resource + (index.group() if indexed and index is not None else ""), attribute


def _own(address: str) -> str:
    """The address of a resource within its module."""
    found = re.match(r"(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)*", address)
    return address[found.end() :] if found is not None else address
