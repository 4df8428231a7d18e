"""The demonstration's records, written for it: a leaked key, a privilege escalation, a clean-up."""
