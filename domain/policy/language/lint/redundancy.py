"""Words that say nothing new: actions, resources and statements that others cover."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from erstwhile.domain.policy.language.lint.finding import Finding, as_list, placed
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import covers

_ELEMENTS = ("Action", "NotAction", "Resource", "NotResource")


def check(statements: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for index, statement in enumerate(statements):
        for element in _ELEMENTS:
            yield from _doubled(f"Statement[{index}].{element}", statement.get(element), element.endswith("Action"))
    for index, statement in enumerate(statements):
        for other, wider in enumerate(statements):
            is_twin = statement == wider or _says_the_same(statement, wider)
            if other != index and _is_within(statement, wider) and not (is_twin and other > index):
                yield Finding(
                    severity="suggestion", code="REDUNDANT_STATEMENT", place=f"Statement[{index}]",
                    message=f"Statement[{other}] says all of it",
                )  # fmt: skip
                break


def _doubled(place: str, value: Any, is_action: bool) -> Iterator[Finding]:
    found = placed(place, value)
    texts = [text.lower() if is_action else text for _, text in found]
    beginnings = Beginnings(texts)
    for index, (where, text) in enumerate(found):
        for other in beginnings.agreeing(texts[index]):
            wider = texts[other]
            same = wider == texts[index]
            if other != index and covers(wider, texts[index]) and not (same and other > index):
                code = "REDUNDANT_ACTION" if is_action else "REDUNDANT_RESOURCE"
                message = f"{found[other][1]} covers {text}"
                yield Finding(severity="suggestion", code=code, place=where, message=message)
                break


def _says_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return _is_within(one, other) and _is_within(other, one)


def _is_within(statement: dict[str, Any], wider: dict[str, Any]) -> bool:
    if statement.get("Effect") != wider.get("Effect"):
        return False
    for element in ("Principal", "NotPrincipal", "NotAction", "NotResource"):
        if statement.get(element) != wider.get(element):
            return False
    if wider.get("Condition") and statement.get("Condition") != wider["Condition"]:
        return False
    return _all_within(statement, wider, "Action", str.lower) and _all_within(statement, wider, "Resource", str)


def _all_within(statement: dict[str, Any], wider: dict[str, Any], element: str, form: Callable[[str], str]) -> bool:
    if element not in statement:
        return element not in wider
    wanted = [form(str(each)) for each in as_list(wider.get(element))]
    return all(any(covers(each, form(str(text))) for each in wanted) for text in as_list(statement[element]))
