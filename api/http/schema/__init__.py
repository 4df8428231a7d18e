"""What calls take and answer, as types. The OpenAPI description is made of these, and the tests hold real answers
against them. A member with UNSET is left out where it has nothing to say; every other is always there.

- `authzen`, `questions`, `reach`, `over_time`, `findings`, `what_if`, `least_privilege`, `incident`, `controls`,
  `changes`, `lookups`, `reports`, `reviews`, `approvals`, `trail`, `resources`, `watches`, `ledger`, `decisions`,
  `service`: the types, by subject.
- `parameters`: what queries and paths take.
"""
