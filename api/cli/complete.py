"""Completion in the shell: actions from AWS's service reference, principals from a database that is at hand.

Whoever presses Tab waits: no database is made or migrated for it, and what goes wrong offers nothing. Every command
knows these functions, so what they need is imported in them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import closing, redirect_stdout

import typer

from erstwhile.api.cli.run import settings

_MOST = 200
_LOOKED_AT = 2_000
"""Users, and roles, that are looked at, in the order of their names: from where a name would stand that begins so."""
_PRINCIPALS = (
    "SELECT DISTINCT coalesce(value->>'arn', value->>'name') FROM unnest(%(kinds)s::text[], %(names)s::text[]) "
    "AS begun (of_kind, at_least), LATERAL (SELECT kind, value FROM fact WHERE attribute = 'entity' "
    "AND kind = of_kind AND left(lower(value->>'name'), 200) >= at_least "
    "ORDER BY left(lower(value->>'name'), 200) LIMIT %(looked_at)s) AS there "
    "WHERE starts_with(lower(value->>'name'), %(begin)s) "
    "OR starts_with(kind || '/' || lower(value->>'name'), %(begin)s) "
    "OR starts_with(lower(value->>'arn'), %(begin)s) ORDER BY 1 LIMIT %(most)s"
)


def actions(incomplete: str) -> list[str]:
    """Services until there is a colon, then the service's actions."""
    from erstwhile.domain.policy.knowledge.service_reference import actions_of, is_service, services

    service, colon, name = incomplete.lower().partition(":")
    if not colon:
        found = [each for each in services() if each.startswith(service)]
        if len(found) != 1:
            return [f"{each}:" for each in found]
        service = found[0]  # its actions at once: a shell would put a space after the only word
    if not is_service(service):
        return []
    return [f"{service}:{each}" for each in actions_of(service) if each.lower().startswith(name)]


def principals(incomplete: str) -> list[str]:
    """Users and roles whose ARN or name begins so, as words that complete what was written."""
    chosen = settings()
    if not chosen.database_url and not (chosen.home / "postgres").is_dir():
        return []
    import psycopg

    from erstwhile.api.cli.errors import EXPECTED
    from erstwhile.api.database.database import Database

    begin = incomplete.lower()
    try:
        with closing(Database.open(chosen)) as database, database.connect() as connection:
            # A name begins so, or what stands behind the kind or path does; of a path, the first of all are looked at.
            places = [(kind, name) for kind in ("user", "role") for name in {begin, begin.rpartition("/")[2], ""}]
            kinds, names = (list(column) for column in zip(*places, strict=True))
            arguments = {"kinds": kinds, "names": names, "begin": begin, "most": _MOST, "looked_at": _LOOKED_AT}
            rows = connection.execute(_PRINCIPALS, arguments).fetchall()
    except (*EXPECTED, psycopg.Error, OSError):
        return []
    return [word for (arn,) in rows if (word := _as_begun(str(arn), begin)) and word.isprintable()]


def _as_begun(arn: str, begin: str) -> str:
    """An ARN in the form in which it was begun: whole, user/ada, or ada."""
    short = arn.rsplit(":", 1)[-1]
    kind, _, path = short.partition("/")
    name = path.rsplit("/", 1)[-1]
    for word in (name, f"{kind}/{name}", arn) if begin else (arn,):
        if word.lower().startswith(begin):
            return word
    return ""


def answer_bash(run: Callable[[], None]) -> None:
    """Bash takes a colon for the end of a word (COMP_WORDBREAKS): the parts of ARNs and actions are joined before they
    are completed, and what stands before the last colon is left out of the answer, since bash has it already."""
    words, at = os.environ["COMP_WORDS"].split("\n"), int(os.environ.get("COMP_CWORD", "0"))
    joined: list[str] = []
    for index, word in enumerate(words[: at + 1]):
        if joined and (word.startswith(":") or words[index - 1].endswith(":")) and index > 1:
            joined[-1] += word
        else:
            joined.append(word)
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = "\n".join(joined), str(len(joined) - 1)
    before = len(joined[-1]) - len(joined[-1].rpartition(":")[2])
    with redirect_stdout(io.StringIO()) as written:
        try:
            run()
        except (SystemExit, typer.Exit):
            pass
    for line in written.getvalue().splitlines():
        print(line[before:])
