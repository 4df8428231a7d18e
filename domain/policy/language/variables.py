# mypyc: compiled
"""Policy variables: `${aws:username}`, with a default `${aws:username, 'nobody'}`, and `${*}`, `${?}`, `${$}`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from erstwhile.domain.policy.knowledge.service_reference import is_multivalued
from erstwhile.domain.policy.language.match import LITERAL_QUESTION, LITERAL_STAR, literal

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_LITERALS = {"*": LITERAL_STAR, "?": LITERAL_QUESTION, "$": "$"}
_RESTORED = str.maketrans({LITERAL_STAR: "*", LITERAL_QUESTION: "?"})

Lookup = Callable[[str], tuple[str, ...] | None]


class MissingKey(LookupError):
    """a variable whose key the request does not have"""


class NoValue(MissingKey):
    """a variable whose key never has one value: the request has several or none of it, or may have several"""


def has_variable(text: str) -> bool:
    return "${" in text


def substitute(text: str, lookup: Lookup, *, sure: bool = False) -> str:
    """Replaces variables; wildcards in their values are literal. Raises MissingKey or NoValue with the key.

    A key that may have several values cannot stand in a variable. `sure` is for discover mode, where a key that is
    absent may still come: its default does not stand for it, and MissingKey is raised.

    Source, of the last: …/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if "${" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in _LITERALS:
            return _LITERALS[name]
        key, fallback = _key_and_default(name)
        lowered = key.lower()
        never = is_multivalued(lowered)
        values = None if never else lookup(lowered)
        if values is not None and len(values) == 1:
            return literal(values[0])
        if fallback is not None and (never or not (sure and values is None)):
            return literal(fallback)
        raise NoValue(key) if never or values is not None else MissingKey(key)

    end = _end_of_variables(text)
    return _VARIABLE.sub(value, text[:end]) + text[end:]


def without_variables(text: str) -> str:
    """The text with its variables left out."""
    end = _end_of_variables(text)
    return _VARIABLE.sub("", text[:end]) + text[end:]


def keys_of(text: str) -> list[str]:
    """The keys (lower case) that a text's variables name."""
    names = [name for name in _VARIABLE.findall(text, 0, _end_of_variables(text)) if name not in _LITERALS]
    return [_key_and_default(name)[0].lower() for name in names]


def _end_of_variables(text: str) -> int:
    """Where the last variable ends at the latest: beyond, each `${` would be looked through to the text's end."""
    return text.rfind("}") + 1


def _key_and_default(name: str) -> tuple[str, str | None]:
    """The key that a variable names, and its default, where it has one. In time linear in the text: a pattern with
    spaces on both sides of the key is not."""
    key, comma, rest = name.partition(",")
    quoted = rest.strip()
    is_default = len(quoted) > 1 and quoted[0] == quoted[-1] == "'" and "'" not in quoted[1:-1]
    if comma and key.strip() and is_default:
        return key.strip(), quoted[1:-1]
    return name.strip(), None


def restored(text: str) -> str:
    """Literal wildcards as characters again, where no pattern is meant."""
    return text.translate(_RESTORED)
