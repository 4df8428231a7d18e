"""Rules of separation of duties, as YAML:

rules:
  - name: pay-and-approve
    title: Nobody both creates and pays an invoice
    first: {action: "dynamodb:PutItem", resource: "arn:aws:dynamodb:eu-west-1:111122223333:table/invoices"}
    second: {action: "sqs:SendMessage", resource: "arn:aws:sqs:eu-west-1:111122223333:payments"}
    excepting: [role/break-glass]
    through-roles: true
"""

from __future__ import annotations

import msgspec

from erstwhile.domain.attestation.conditions.separation import SeparationOfDuties
from erstwhile.domain.controls.located import Located, MalformedControls
from erstwhile.domain.vocabulary.typed import convert


class Rule(msgspec.Struct, frozen=True):
    """A rule by its name; `line`: of the file."""

    name: str
    condition: SeparationOfDuties
    line: int

    @property
    def title(self) -> str:
        return self.condition.title or self.condition.words()


def read_rules(text: str, what: str = "the rules") -> list[Rule]:
    """Raises MalformedControls, which names the line and what is expected."""
    located = Located(text, what)
    whole = located.value
    if not isinstance(whole, dict) or not isinstance(whole.get("rules"), list) or not whole["rules"]:
        raise located.wrong((), "expected a member rules, with a list of rules")
    found: dict[str, Rule] = {}
    for place, each in enumerate(whole["rules"]):
        path = ("rules", place)
        if not isinstance(each, dict) or not str(each.get("name") or "").strip():
            raise located.wrong(path, "expected a rule with name, first and second")
        name = str(each["name"]).strip()
        if name in found:
            raise located.wrong(path, f"there is a rule {name} in line {found[name].line} already")
        given = {key: value for key, value in each.items() if key != "name"}
        try:
            condition = convert(given, SeparationOfDuties)
        except msgspec.ValidationError as error:
            fields = ", ".join(field.encode_name for field in msgspec.structs.fields(SeparationOfDuties))
            raise MalformedControls(
                f"line {located.line(*path)} of {what}: rule {name}: {error}; a rule has name, {fields}"
            ) from None
        for words in condition.wrong():
            raise located.wrong(path, f"rule {name}: {words}")
        found[name] = Rule(name, condition, located.line(*path))
    return list(found.values())
