"""What others named is shown as text and never obeyed.

Names, agents, session names and file names come from the records' authors. Escape sequences in them could set a
terminal's title, move its cursor or colour a lie; bidirectional controls reorder what stands beside them; a line feed
makes a second line. Each such character is shown as Python writes it (`\\x1b`, `\\u202e`): every character that
`str.isprintable` calls none (Unicode's categories Other and Separator, but for the space).
"""

from __future__ import annotations


def visible(text: str, keep: str = "") -> str:
    """The text with every character that is not printable as its escape, but for those of `keep`."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in keep else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
