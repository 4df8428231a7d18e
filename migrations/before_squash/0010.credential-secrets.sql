-- Secrets of access keys, sealed with AES-256-GCM under a master key that is not in the database. They are apart
-- from the log: the log says that a key exists, this table lets its signatures be checked.
CREATE TABLE credential_secret (
    access_key_id text PRIMARY KEY,
    account       text NOT NULL,
    principal     text NOT NULL,  -- whose key it is: an account's root, or the unique id of a user
    master_key    text NOT NULL,  -- which master key sealed it: the beginning of its SHA-256
    sealed        bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON credential_secret TO erstwhile_service;
