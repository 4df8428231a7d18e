-- Witnesses that cosign the ledger's checkpoints, and how each gets on. The cosignatures stand in the checkpoints.
CREATE TABLE ledger_witness (
    url      text        PRIMARY KEY,
    name     text        NOT NULL,
    cosigned bigint      NOT NULL DEFAULT 0,    -- the size of the last checkpoint that it cosigned
    failures bigint      NOT NULL DEFAULT 0,    -- requests in a row that failed
    failure  text        NOT NULL DEFAULT '',
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp()    -- when it cosigned last
);
GRANT SELECT, INSERT, UPDATE ON ledger_witness TO erstwhile_service;
