"""What a bundle says of itself: the names of its files, and its README, by which it is verified by hand."""

from __future__ import annotations

FORMAT = "erstwhile-bundle/1"
MANIFEST = "manifest.json"
README = "README.txt"
PROOF = "ledger/"
"""The folder of the proof in a file that has more than a bundle: a case."""
CHECKPOINT, PUBLIC_KEYS = "checkpoint", "ledger.pub"
EVENTS, TREE, DETAILS, EVIDENCE = "events.ndjson", "tree.ndjson", "details.ndjson", "evidence.ndjson"

README_TEXT = """Events of an Erstwhile log, with the proof that they are in it as they were signed.

checkpoint        size and root of the log's Merkle tree, signed (a C2SP signed note)
ledger.pub        the public keys that the log names; trust those that you have from elsewhere
events.ndjson     the events, one a line: the canonical JSON (RFC 8785) that the log is committed to
tree.ndjson       the whole tree, left to right: the leaf of each of these events, and the hash of each part without any
details.ndjson    addresses, agents and sessions of these events, with the salt of the hash that the event has
evidence.ndjson   the records that these events rest on, as they came, without their secrets
manifest.json     what was selected, and the size and SHA-256 of every other file

    erstwhile verify BUNDLE.zip --key KEYS        offline: no database is opened

By hand, with SHA-256 alone
1. The nth line of events.ndjson, without its newline, is the event of the nth line of tree.ndjson that has a position:
   its leaf is SHA-256(0x00 || SHA-256(line)), in hexadecimal digits.
2. Take the lines of tree.ndjson in order. A line with a position is a part of level 0 with the number position - 1; any
   other has level, index and hash. Keep a list: put each part at its end; while the last two have the same level and
   the index of the last one is odd, put SHA-256(0x01 || left || right) in place of both, with level + 1 and half the
   index (rounded down). At the end take the last two, whatever their levels, until one is left: this is the root.
3. In base64, it is the third line of the file checkpoint. The second line is the size: 2^level of all parts together.
4. The signatures are under the checkpoint's empty line: Ed25519 over the three lines above it (each with its newline);
   ML-DSA-44 and witnesses as C2SP tlog-cosignature says.
5. A line of details.ndjson: SHA-256(salt || details), the salt from hexadecimal digits, is details_sha256 of the event
   with this position.
6. sha256sum of every file is in manifest.json.

What it proves: these events are in the signed log, at these positions, as they are here. What it does not: that these
are all events that were to be selected, and that evidence.ndjson is as it came: the log is committed to events, not to
records.
"""
