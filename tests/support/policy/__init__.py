"""Cases, random requests and the reference evaluator of the policy engine's tests."""
