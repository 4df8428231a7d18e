"""An application's own words for principals, actions and resources, as ARNs and actions; and back again.

By default `{"type": "user", "id": "ada"}` is the user of that name in the default account, `read` on a resource of
type `record` is `record:read`, and `{"type": "record", "id": "17"}` is `arn:aws:record::123456789012:17`. Another
form of names is given by a TOML file, to which ERSTWHILE_NAMES points:

    [subject]
    user = "arn:{partition}:iam::{account}:user/people/{id}"
    [action]
    record = "records:{name}"
    [resource]
    record = "arn:{partition}:records::{account}:record/{id}"

`default` stands for the types that are not listed. ARNs, and actions with a colon, are taken as they are.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from pathlib import Path

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, is_account_id
from erstwhile.domain.vocabulary.malformed import MalformedInput

DEFAULT_ACCOUNT = "123456789012"
_SUBJECT = {
    "default": "arn:{partition}:iam::{account}:user/{id}",
    "role": "arn:{partition}:iam::{account}:role/{id}",
}
_ACTION = {"default": "{type}:{name}"}
_RESOURCE = {"default": "arn:{partition}:{type}::{account}:{id}"}
_PLACES = {"subject": ("id",), "action": ("name",), "resource": ("id",)}
_AS_THEY_ARE = frozenset(("service", "root", "anonymous", "session", "federated_user", "provider"))
"""Types of subjects whose ids are never templates: lambda.amazonaws.com, 111122223333, *."""


class MalformedNames(MalformedInput):
    """the file of name templates cannot be used"""

    code = "malformed_names"


class Names:
    """Which ARN a word means. Templates by type; the type `default` for all others."""

    def __init__(
        self,
        account: str = DEFAULT_ACCOUNT,
        partition: str = "aws",
        templates: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Raises MalformedNames."""
        if not is_account_id(account):
            raise MalformedNames(f"the default account must be twelve digits, not {account!r}")
        self.account = account
        self.partition = partition
        given = templates or {}
        strange = sorted(set(given) - set(_PLACES))
        if strange:
            raise MalformedNames(f"there is no table {strange[0]!r}; there are: {', '.join(_PLACES)}")
        for table, entries in given.items():
            for kind, template in entries.items():
                _check(f"{table}.{kind}", template, _PLACES[table])
        self._subjects = {**_SUBJECT, **given.get("subject", {})}
        self._actions = {**_ACTION, **given.get("action", {})}
        self._resources = {**_RESOURCE, **given.get("resource", {})}

    @classmethod
    def read(cls, path: Path, account: str = DEFAULT_ACCOUNT) -> Names:
        """From a TOML file. Raises MalformedNames."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MalformedNames(f"{path}: {error}") from None
        partition = data.pop("partition", "aws")
        if not isinstance(partition, str) or not all(isinstance(table, dict) for table in data.values()):
            raise MalformedNames(f"{path}: expected partition, and the tables {', '.join(_PLACES)}")
        try:
            return cls(account, partition, data)
        except MalformedNames as error:
            raise MalformedNames(f"{path}: {error}") from None

    @property
    def templates(self) -> dict[str, dict[str, str]]:
        """All of them, those that are usual included: `Names` of these are the same."""
        return {"subject": self._subjects, "action": self._actions, "resource": self._resources}

    def _fill(self, templates: Mapping[str, str], kind: str, **word: str) -> str:
        template = templates.get(kind) or templates["default"]
        return template.format(partition=self.partition, account=self.account, type=kind, **word)

    def principal(self, directory: Directory, kind: str, word: str) -> str:
        """The principal's ARN. A user or role of the default account is found by its name, whatever its path."""
        if word.startswith("arn:") or kind in _AS_THEY_ARE or word == "*":
            return word
        entity = directory.named(self.account, "role" if kind == "role" else "user", word)
        if entity is not None and kind not in self._own("subject"):
            return directory.arn_of(entity)
        return self._fill(self._subjects, kind, id=word)

    def _own(self, table: str) -> set[str]:
        mine, usual = (self._subjects, _SUBJECT) if table == "subject" else (self._resources, _RESOURCE)
        return {kind for kind, template in mine.items() if usual.get(kind) != template}

    def own_services(self) -> set[str]:
        """The service prefixes that the templates name in full."""
        found = {template.partition(":")[0] for template in self._actions.values()}
        found |= {template.split(":")[2] for template in self._resources.values()}
        return {each.lower() for each in found if "{" not in each}

    def resource(self, kind: str, word: str) -> str:
        """The resource's ARN; an S3 URI is that of its object."""
        if word.startswith("s3://"):
            return f"arn:{self.partition}:s3:::{bucket_path(word)}"
        return word if is_arn(word) else self._fill(self._resources, kind, id=word)

    def resource_service(self, kind: str) -> str:
        """What the ARNs of a type of resources name as their service, in lower case."""
        return self._fill(self._resources, kind, id="").split(":")[2].lower()

    def action(self, kind: str, word: str) -> str:
        """The action's name with its service, for a resource of this type."""
        return word if ":" in word else self._fill(self._actions, kind, name=word)

    def principal_word(self, kind: str, arn: str) -> str:
        """The application's word for a principal; its ARN where the templates have none."""
        own = f"arn:{self.partition}:iam::{self.account}:"
        if kind not in self._own("subject") and arn.startswith((f"{own}user/", f"{own}role/")):
            return arn.rsplit("/", 1)[-1]
        return self._word(self._subjects, kind, "id", arn)

    def resource_word(self, kind: str, arn: str) -> str | None:
        """The application's word for a resource of a type; None for an ARN of another form."""
        found = self._word(self._resources, kind, "id", arn)
        return None if found == arn else found

    def action_word(self, kind: str, action: str) -> str:
        return self._word(self._actions, kind, "name", action)

    def _word(self, templates: Mapping[str, str], kind: str, place: str, text: str) -> str:
        mark = "\0"
        before, _, after = self._fill(templates, kind, **{place: mark}).partition(mark)
        found = re.fullmatch(re.escape(before) + "(.+)" + re.escape(after), text, re.DOTALL | re.IGNORECASE)
        return found[1] if found else text


def bucket_path(uri: str) -> str:
    """What an S3 URI names, as ARNs write it: `s3://bucket/key` is `bucket/key`, `s3://bucket/` is `bucket`."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return f"{bucket}/{key}" if key else bucket


def is_arn(word: str) -> bool:
    """Whether a resource is named as AWS names it: an ARN, an S3 URI, or `*`."""
    return word == "*" or word.startswith(("arn:", "s3://"))


def _check(where: str, template: object, needed: tuple[str, ...]) -> None:
    if not isinstance(template, str):
        raise MalformedNames(f"{where} must be a string")
    known = {"partition", "account", "type", *needed}
    try:
        named = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    except ValueError as error:
        raise MalformedNames(f"{where}: {error}") from None
    strange = sorted(set(named) - known)
    if strange:
        raise MalformedNames(f"{where}: {{{strange[0]}}} is not known; there are: {', '.join(sorted(known))}")
    for each in needed:
        if named.count(each) != 1:
            raise MalformedNames(f"{where} must hold {{{each}}} once")
    if where.startswith("action."):
        if ":" not in template:
            raise MalformedNames(f"{where} must have the form service:Operation")
        return
    try:
        Arn.parse(template.format(**dict.fromkeys(known, "x")))
    except MalformedArn:
        raise MalformedNames(f"{where} must be an ARN: arn:partition:service:region:account:resource") from None
