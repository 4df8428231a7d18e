"""Validating a policy document.

- `finding`: what a check found, and where.
- `actions`, `resources`, `conditions`, `breadth`, `redundancy`: a file for each kind of check.
- `validate`: the one function.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (the kinds of
findings and the names of most checks).
"""

from erstwhile.domain.policy.language.lint.finding import Finding, Severity
from erstwhile.domain.policy.language.lint.validate import validate

__all__ = ["Finding", "Severity", "validate"]
