"""Policy tests.

- `read`: YAML files → cases.
- `run`: cases → results.
- `junit`: results as XML.
"""
