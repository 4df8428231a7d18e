"""Where the command line writes: two consoles that never hand on a control character of somebody else's text."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from erstwhile.api.cli.visible import encodable, visible, visible_json


class SafeConsole(Console):
    """Lines are never broken here: a terminal wraps them itself, and a pipe's reader searches whole lines.

    `text` is for what others wrote, within markup; what was forgotten there is caught in `render`.
    """

    def __init__(self, **options: Any) -> None:
        # An ARN's `:key:` is no emoji, and its numbers are not to be coloured.
        super().__init__(emoji=False, highlight=False, **options)

    def print(self, *objects: Any, soft_wrap: bool | None = True, **options: Any) -> None:
        super().print(*objects, soft_wrap=soft_wrap, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text = segment.text
            if segment.control or (text.isascii() and text.isprintable()) or text == "\n":
                yield segment
            else:
                yield Segment(self.shown(text, keep="\n"), segment.style)

    def shown(self, text: str, keep: str = "") -> str:
        """The text as this console can show it."""
        return encodable(visible(text, keep), self.encoding)

    def text(self, text: str) -> str:
        """The text for a place within markup."""
        return escape(self.shown(text))

    @property
    def is_watched(self) -> bool:
        """Whether a person sits before it: else lines are for programs that search and cut them."""
        return bool(self.file.isatty())


out = SafeConsole()
err = SafeConsole(stderr=True)


def forgive_encodings() -> None:
    """Writes characters that the terminal's encoding lacks as escapes, in place of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """JSON to standard output, safe for a terminal."""
    sys.stdout.write(visible_json(text, sys.stdout.encoding) + "\n")
