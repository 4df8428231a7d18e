"""Translates operations on objects of an account that access decisions do not read; each is a setting with a name."""

from __future__ import annotations

from erstwhile.domain.events import Body
from erstwhile.domain.events import account as a
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.cloudtrail.shapes import as_object


def put_setting(category: str, *name_fields: str) -> Translator:
    """Translates the creation or change of such an object: keeps its name and the scalar parameters of the call."""

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
    """Returns the first of these fields that the request has, or that the response has at its top or one level down.

    Returns `account` where the operation has no name field. Raises Untranslatable where all fields are missing.
    """
    if not fields:
        return "account"
    for field in fields:
        if record.p(field):
            return str(record.p(field))
        for member, value in as_object(record.raw.get("responseElements")).items():
            if member == field:
                return str(value)
            if isinstance(value, dict) and value.get(field):
                return str(value[field])
    raise Untranslatable(f"{record.name} without {' or '.join(fields)}")
