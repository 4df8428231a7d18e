"""The last use of credentials, and stored reports.

- `last_use`: when which credential was last used.
- `report_store`: stores reports until they expire.
"""
