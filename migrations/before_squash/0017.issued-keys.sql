-- Temporary credentials that the calls on record gave out (AssumeRole, GetFederationToken, …): whose a key is that was
-- never used. The account is the one whose trail tells it.
CREATE TABLE issued_key (
    access_key  text        NOT NULL,
    account     text        NOT NULL,
    principal   text        NOT NULL,           -- the session's ARN: assumed-role/…, federated-user/…
    session     text        NOT NULL,
    issued_to   text        NOT NULL,           -- who called
    record_id   text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    block_id    bigint      NOT NULL            -- of the record's evidence: known from its position on
);
CREATE INDEX issued_key_key ON issued_key (access_key);
GRANT SELECT, INSERT ON issued_key TO erstwhile_service;
