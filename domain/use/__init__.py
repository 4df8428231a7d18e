"""What principals used, from the calls on record.

- `used`: what was used, what records cover, and the three states: used, not used, cannot know.
- `tally`: counts records by who called what on what.
"""
