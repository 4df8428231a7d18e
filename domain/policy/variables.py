"""Policy variables: `${aws:username}`, with a default `${aws:username, 'nobody'}`, and `${*}`, `${?}`, `${$}`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from domain.policy.match import matches

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_DEFAULT = re.compile(r"^\s*([^,]+?)\s*,\s*'([^']*)'\s*$")
_LITERALS = {"*": "\ue000", "?": "\ue001", "$": "$"}
_RESTORED = str.maketrans({"\ue000": "*", "\ue001": "?"})

Lookup = Callable[[str], tuple[str, ...] | None]


class MissingKey(LookupError):
    """a variable whose key the request does not have"""


def substitute(text: str, lookup: Lookup) -> str:
    """Replaces variables; wildcards in their values are literal. Raises MissingKey with the key."""
    if "${" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name in _LITERALS:
            return _LITERALS[name]
        fallback = _DEFAULT.match(name)
        key = fallback.group(1) if fallback else name.strip()
        values = lookup(key)
        if values is not None and len(values) == 1:
            return values[0].replace("*", "\ue000").replace("?", "\ue001")
        if fallback is not None:
            return fallback.group(2)
        raise MissingKey(key)

    return _VARIABLE.sub(value, text)


def restored(text: str) -> str:
    """Literal wildcards as characters again, where no pattern is meant."""
    return text.translate(_RESTORED)


def matches_literally(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Matches a substituted pattern: its literal wildcards stand for themselves."""
    if "\ue000" in pattern or "\ue001" in pattern:
        return matches(pattern, text.replace("*", "\ue000").replace("?", "\ue001"), ignore_case)
    return matches(pattern, text, ignore_case)
