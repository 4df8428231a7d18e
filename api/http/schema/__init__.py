"""What calls take and answer, as types: `authzen`, `questions`, `trail`, `resources`, `service`; `operations` lists the
calls with them. The OpenAPI description is made of these, and the tests hold real answers against them.

A member with UNSET is left out where it has nothing to say; every other is always there.
"""
