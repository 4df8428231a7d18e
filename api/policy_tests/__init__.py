"""Policy tests: `read` (YAML files to cases), `run` (cases to results), `junit` (results as XML)."""
