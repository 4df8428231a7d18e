"""Options that many commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from erstwhile.api.cli.times import set_zone

_TIMES = "2023-07-10, '2023-07-10 12:00', yesterday, '2h ago', or @4711 (when that event of the log occurred)"

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help=f"The moment asked about: {_TIMES}. Default: now.")
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at", metavar="TIME|POSITION", help="Leave out what was learnt later. Default: all that is known."
    ),
]
Lasting = Annotated[
    bool,
    typer.Option(
        "--lasting",
        help="With since when and until when each line has been so, and when it was allowed first and last.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Tz = Annotated[
    str | None,
    typer.Option(
        "--tz", metavar="ZONE", is_eager=True, callback=lambda name: _zone(name),
        help="The zone in which times are read and shown: Europe/Berlin, local. Default: ERSTWHILE_TZ, else UTC.",
    ),
]  # fmt: skip


def _zone(name: str | None) -> str | None:
    if name is not None:
        set_zone(name)
    return name
