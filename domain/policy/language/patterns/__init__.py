"""Patterns of resources as sets: what they cover, and the parts into which they cut each other.

- `pattern_automata`: patterns as automata.
- `pattern_beginnings`: the fixed beginnings of patterns.
- `pattern_tree`: patterns by their beginnings.
- `pattern_parts`: cuts patterns by patterns.
"""
