"""Generates the tables of AWS.md from the code.

- `operations_table`: the operations, and whether each is offered.
- `unreachable_errors`: documented errors that never occur, with the reason.
"""
