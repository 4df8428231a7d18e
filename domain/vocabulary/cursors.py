"""Cursors: where the next page of a listing begins.

A cursor names the last item of a page, not a count of items: an item that is created or deleted between two pages
neither repeats nor hides other items. A cursor also contains its listing's name and the version of its own format.
"""

from __future__ import annotations

import base64

import orjson

from erstwhile.domain.vocabulary.malformed import MalformedInput

VERSION = 1


class MalformedCursor(MalformedInput):
    """not a cursor of this listing"""

    code = "malformed_cursor"


def cursor_of(listing: str, *place: str) -> str:
    """Returns the cursor of the page that begins after `place`; `place_of` returns the parts of the place again."""
    return base64.urlsafe_b64encode(orjson.dumps([VERSION, listing, *place])).decode().rstrip("=")


def place_of(listing: str, cursor: str, parts: int = 1) -> tuple[str, ...]:
    """Returns the parts of the place that a cursor names.

    Raises MalformedCursor for text that `cursor_of` did not make, and for a cursor of another listing.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, of, *place = orjson.loads(raw)
        if version != VERSION or cursor_of(of, *place) != cursor:
            raise not_a_cursor(cursor)
        if of != listing:
            raise MalformedCursor(f"{cursor[:60]!r} is a cursor of another listing")
        if len(place) != parts or any("\0" in each for each in place):
            raise not_a_cursor(cursor)
    except MalformedCursor:
        raise
    except (ValueError, TypeError):
        raise not_a_cursor(cursor) from None
    return tuple(place)


def not_a_cursor(cursor: str) -> MalformedCursor:
    return MalformedCursor(f"{cursor[:60]!r} is not a cursor: pass on the one that the page before gave")
