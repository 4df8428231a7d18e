"""What principals used, from the calls on record.

- `used`: what was used, what records cover, and the three states: used, not used, cannot know.
- `own_map`: maps of operations to actions that people bring.
- `tally`: counts records by who called what on what.
"""
