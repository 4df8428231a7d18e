"""YAML with the line of each of its parts, for errors that name it."""

from __future__ import annotations

from typing import Any

import yaml

from erstwhile.domain.vocabulary import yaml_text
from erstwhile.domain.vocabulary.malformed import MalformedInput

Path = tuple[str | int, ...]


class MalformedControls(MalformedInput):
    """not a file of controls or rules"""

    code = "malformed_controls"


class Located:
    """A YAML document as lists, dictionaries, texts and numbers. Raises MalformedControls."""

    def __init__(self, text: str, what: str) -> None:
        self._what = what
        self._lines: dict[Path, int] = {}
        try:
            yaml_text.require_plain(text)
        except yaml_text.UnreadableYaml as error:
            where = f"line {error.line} of {what}" if error.line else what
            raise MalformedControls(f"{where} is no YAML: {error}") from None
        loader = yaml_text.LOADER(text)
        try:
            node = loader.get_single_node()
            self.value: Any = None if node is None else self._read(loader, node, ())
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
            raise MalformedControls(f"line {line} of {what} is no YAML: {error.problem}") from None
        finally:
            loader.dispose()

    def _read(self, loader: Any, node: yaml.Node, path: Path) -> Any:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise MalformedControls(f"line {key.start_mark.line + 1} of {self._what}: a name is expected")
                name = str(key.value)
                if name in found:
                    raise MalformedControls(f"line {key.start_mark.line + 1} of {self._what}: {name} comes twice")
                found[name] = self._read(loader, value, (*path, name))
                self._lines[*path, name] = key.start_mark.line + 1
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._read(loader, each, (*path, place)) for place, each in enumerate(node.value)]
        try:
            return loader.construct_object(node, deep=True)
        except ValueError as error:  # a number or an instant that is none
            raise self.wrong(path, f"{str(node.value)[:40]}: {error}") from None

    def line(self, *path: str | int) -> int:
        return self._lines.get(path, 1)

    def wrong(self, path: Path, words: str) -> MalformedControls:
        """What is wrong at a place, in words."""
        return MalformedControls(f"line {self.line(*path)} of {self._what}: {words}")
