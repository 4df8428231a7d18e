"""Watches: from their words to commands, and their answers and notices as JSON.

- `told_notices`: a notice as JSON, and as one line of text.
- `watches`: adds, changes and removes them; lists and shows them; tells their notices.
"""
