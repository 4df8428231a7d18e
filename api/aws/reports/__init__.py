"""What is noted of use, and reports.

- `last_use`: when which credential was last used.
- `report_store`: reports until they expire.
"""
