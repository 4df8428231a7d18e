"""Objects of an account that decisions do not read: kept by name."""

from __future__ import annotations

from erstwhile.domain.events import Body
from erstwhile.domain.events import account as a
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.cloudtrail.shapes import as_object


def put_setting(category: str, *name_fields: str) -> Translator:
    """An object of the account that decisions do not read: its name, and the scalar parameters of the call."""

    def translate(record: Record) -> list[Body]:
        parameters = record.parameters
        attributes = {
            key: str(value)
            for key, value in parameters.items()
            if isinstance(value, str | int | bool) and key not in name_fields and len(str(value)) <= 2048
        }
        return [a.SettingPut(category=category, name=told_name(record, name_fields), attributes=attributes)]

    return translate


def remove_setting(category: str, *name_fields: str) -> Translator:
    return lambda record: [a.SettingRemoved(category=category, name=told_name(record, name_fields))]


def told_name(record: Record, fields: tuple[str, ...]) -> str:
    """The name in the request, or in the response for what is named there."""
    if not fields:
        return "account"
    for field in fields:
        if record.p(field):
            return str(record.p(field))
        for element in as_object(record.raw.get("responseElements")).items():
            if element[0] == field:
                return str(element[1])
            if isinstance(element[1], dict) and element[1].get(field):
                return str(element[1][field])
    raise Untranslatable(f"{record.name} without {' or '.join(fields)}")
