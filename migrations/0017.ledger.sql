-- The ledger: a Merkle tree over all events, in tiles, and the checkpoints that were signed of it.

-- 256 hashes side by side; those at the right edge have fewer, and grow. What is in a tile never changes.
CREATE TABLE ledger_tile (
    level  smallint NOT NULL,
    number bigint   NOT NULL,
    hashes bytea    NOT NULL,
    PRIMARY KEY (level, number)
);
ALTER TABLE ledger_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not compress

CREATE TABLE ledger_checkpoint (
    size    bigint      PRIMARY KEY,   -- of the tree: the position of its last event
    note    text        NOT NULL,      -- as it is published, with all signatures
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The public parts of all keys that ever signed, so that what an earlier key signed can be verified.
CREATE TABLE ledger_key (
    verifier   text        PRIMARY KEY,  -- name+id+base64
    since_size bigint      NOT NULL,     -- of the first checkpoint that it signed
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT, UPDATE ON ledger_tile, ledger_checkpoint TO erstwhile_service;
GRANT SELECT, INSERT ON ledger_key TO erstwhile_service;
