-- Who used which access key, one row of each account and principal, however often: whose a key is that no listing names.
-- The position is that of the first import which told it: who had a key first, as far as was known then.
CREATE TABLE key_use (
    access_key  text        COLLATE "C" NOT NULL,
    account     text        COLLATE "C" NOT NULL,   -- whose trail tells it
    principal   text        COLLATE "C" NOT NULL,   -- ARN of the user or role
    position    bigint      NOT NULL,
    occurred_at timestamptz NOT NULL,               -- of the first use in that import
    PRIMARY KEY (access_key, account, principal)
);
INSERT INTO key_use (access_key, account, principal, position, occurred_at)
SELECT DISTINCT ON (a.access_key, a.account, a.principal)
       a.access_key, a.account, a.principal, b.position, a.occurred_at
FROM activity a JOIN evidence_block b USING (block_id)
WHERE a.access_key ~ '^[A-Za-z0-9]{1,128}$' AND a.principal <> ''
ORDER BY a.access_key, a.account, a.principal, b.position, a.occurred_at;
GRANT SELECT, INSERT ON key_use TO erstwhile_service;

-- Whose a key is that this service gave out.
CREATE INDEX event_session_key ON event ((data->'body'->>'access_key_id')) WHERE type = 'iam.SessionIssued';
