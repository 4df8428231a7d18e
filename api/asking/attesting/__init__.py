"""Controls of frameworks, and their attestation over a period.

- `questions`: the question, asked of the history.
- `told`: its answer as JSON.
"""
