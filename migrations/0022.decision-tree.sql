-- The tree over the decision log: what was answered to whom, in the order in which a server took it in.
CREATE TABLE decision_leaf (
    number bigint PRIMARY KEY,      -- its place in the tree: 1 for the first one, without gaps
    day    date   NOT NULL,
    id     bigint NOT NULL UNIQUE,
    entry  bytea  NOT NULL          -- SHA-256 over the decision's canonical JSON; stays when the decision is deleted
);

-- As ledger_tile and ledger_checkpoint are of the log.
CREATE TABLE decision_tile (
    level  smallint NOT NULL,
    number bigint   NOT NULL,
    hashes bytea    NOT NULL,
    PRIMARY KEY (level, number)
);
ALTER TABLE decision_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE decision_checkpoint (
    size    bigint      PRIMARY KEY,   -- of the tree: the number of its last leaf
    note    text        NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT ON decision_leaf TO erstwhile_service;
GRANT SELECT, INSERT, UPDATE ON decision_tile, decision_checkpoint TO erstwhile_service;
