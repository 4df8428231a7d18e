-- Who took a session, and by which call: found by the session's ARN.
CREATE INDEX issued_key_principal ON issued_key (principal, occurred_at);
