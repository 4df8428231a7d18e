"""A document compiled as far as one question needs it."""

from __future__ import annotations

from erstwhile.domain.policy.language.common_form import Entry, actions_of, is_met, part_of, texts_of
from erstwhile.domain.policy.language.document import Document
from erstwhile.domain.policy.language.statement import CompiledDocument, compile_document

_NOTHING = CompiledDocument(Document("", ()))


def compile_about(text: str, completes: bool, action: str, resource: str) -> CompiledDocument:
    """The statements of a document that speak of an action (lower case) and may be about a resource, and perhaps
    others; of a document that is not of the common form, all of them. Raises MalformedDocument, UnknownOperator."""
    actions = actions_of(text)
    if actions is None:
        return compile_document(text, completes)
    if not any(is_met(each, action) for each in actions):
        return _NOTHING

    def speaks(entry: Entry) -> bool:
        return any(is_met(each.lower(), action) for each in texts_of(entry, "Action")) and any(
            _may_meet(each, resource) for each in texts_of(entry, "Resource")
        )

    return CompiledDocument(part_of(text, speaks), completes)


def compile_near(text: str, completes: bool, action: str, resource: str) -> CompiledDocument:
    """The statements that allow an action (lower case) on a resource, or would but for one part, and perhaps others; of
    a document that is not of the common form, all of them. Raises MalformedDocument, UnknownOperator."""
    actions = actions_of(text)
    if actions is None:
        return compile_document(text, completes)
    service = service_of(action)
    if not any(each.startswith(service) or is_met(each, action) for each in actions):
        return _NOTHING

    def is_near(entry: Entry) -> bool:
        if entry["Effect"] != "Allow":
            return False
        lowered = [each.lower() for each in texts_of(entry, "Action")]
        if any(is_met(each, action) for each in lowered):
            return True
        return any(each.startswith(service) for each in lowered) and any(
            _may_meet(each, resource) for each in texts_of(entry, "Resource")
        )

    return CompiledDocument(part_of(text, is_near), completes)


def service_of(action: str) -> tuple[str, str]:
    """How the actions begin that are of the same service as an action (lower case), or of any."""
    return f"{action.partition(':')[0]}:", "*"


def _may_meet(pattern: str, resource: str) -> bool:
    """Whether a pattern of the Resource element may mean a resource: what stands before its first wildcard does."""
    if "$" in pattern or pattern.count(":") < 5:
        return True  # it has a variable, or is completed
    begin = len(pattern)
    for wildcard in ("*", "?"):
        place = pattern.find(wildcard)
        if 0 <= place < begin:
            begin = place
    return resource.startswith(pattern[:begin]) if begin < len(pattern) else resource == pattern
