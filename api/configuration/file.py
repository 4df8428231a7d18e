"""A TOML file with settings. They stand in for variables of the environment that are not set."""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path

from erstwhile.api.configuration.table import BY_KEY, CONFIG
from erstwhile.domain.vocabulary.malformed import MalformedInput

_given: dict[str, str] = {}
"""The names of variables that a file set in this process, and the file."""


class MalformedConfiguration(MalformedInput):
    """a configuration file that cannot be used"""

    code = "malformed_configuration"


def read(path: Path) -> dict[str, str]:
    """What a file says, by the name of the variable. Raises MalformedConfiguration."""
    try:
        given = tomllib.loads(path.expanduser().read_text())
    except OSError as error:
        raise MalformedConfiguration(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MalformedConfiguration(f"{path} is not TOML: {error}") from None
    found = {}
    for key, value in given.items():
        setting = BY_KEY.get(key)
        if setting is None:
            raise MalformedConfiguration(f"{path}: there is no setting {key[:80]!r}{nearest(key)}")
        found[setting.name] = _text(path, key, value)
    return found


def nearest(key: str) -> str:
    """Which setting was meant, as the end of a message."""
    close = difflib.get_close_matches(key.lower().removeprefix("erstwhile_"), BY_KEY, n=1)
    return f"; did you mean {close[0]}?" if close else "; `erstwhile config show` lists them"


def _text(path: Path, key: str, value: object) -> str:
    """A value as the environment would have it. Raises MalformedConfiguration."""
    match value:
        case bool():
            return "1" if value else ""
        case str() if "\0" not in value:
            return value
        case int() | float():
            return str(value)
        case list() if all(isinstance(each, str) and "," not in each and "\0" not in each for each in value):
            return ",".join(value)
    raise MalformedConfiguration(f"{path}: {key} must be a text, a number, true or false, or a list of texts")


def use(option: Path | None) -> None:
    """Has the settings of the file hold in this process and its children, where the environment says nothing. `option`:
    that of --config, else ERSTWHILE_CONFIG. Raises MalformedConfiguration."""
    named = os.environ.get(CONFIG, "")
    path = option or (Path(named) if named else None)
    if path is None:
        return
    for name, value in read(path).items():
        if not os.environ.get(name) and value:
            os.environ[name] = value
            _given[name] = str(path)


def source(name: str) -> str:
    """Where a variable has its value from: the file, `environment` or `default`."""
    if name in _given:
        return _given[name]
    return "environment" if os.environ.get(name) else "default"
