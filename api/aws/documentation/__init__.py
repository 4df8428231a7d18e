"""What AWS.md says, made of the code.

- `operations_table`: which operations there are.
- `unreachable_errors`: errors that never come, with the reason.
"""
