-- Bearer tokens of the HTTP API: only the hash of a token is stored.
CREATE TABLE api_token (
    name       text        PRIMARY KEY,
    sha256     bytea       NOT NULL UNIQUE,
    scopes     text[]      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
