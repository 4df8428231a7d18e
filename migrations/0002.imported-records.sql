-- Evidence and activity: the raw records behind the events, each once, outside the log.

-- One row per imported file or document; sha256 is of the bytes as they lay on disk.
CREATE TABLE imported_file (
    file_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256      bytea       NOT NULL UNIQUE,
    name        text        NOT NULL,
    kind        text        NOT NULL,           -- cloudtrail, snapshot, credential-report, …
    records     bigint      NOT NULL,
    position    bigint      NOT NULL,           -- of the last event that the import appended
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE SEQUENCE evidence_block_id;

-- Redacted records, packed: zstd over newline-separated JSON.
CREATE TABLE evidence_block (
    block_id bigint PRIMARY KEY,                -- from evidence_block_id, taken before the records are copied
    file_id  bigint NOT NULL REFERENCES imported_file,
    position bigint NOT NULL,                   -- recorded time: known from this position on
    packed   bytea  NOT NULL
);
ALTER TABLE evidence_block ALTER COLUMN packed SET STORAGE EXTERNAL;  -- it is compressed already

-- Who used which action, when, from where: one row per record, partitioned by month
-- (functions/ensure_activity_partition.sql).
-- (account, record_id) is unique: a record has one instant, so its partition's index decides.
CREATE TABLE activity (
    day         date        NOT NULL,
    account     text        NOT NULL,
    record_id   text        NOT NULL,           -- CloudTrail's eventID
    occurred_at timestamptz NOT NULL,
    action      text        NOT NULL,           -- s3:GetObject
    principal   text        NOT NULL,           -- ARN of the user or role, '' when unknown
    session     text        NOT NULL,           -- role session name, or ''
    access_key  text        NOT NULL,
    source_ip   text        NOT NULL,
    user_agent  text        NOT NULL,
    error_code  text        NOT NULL,           -- '' for a call that succeeded
    class       char(1)     NOT NULL,           -- c changed access, f failed change, a activity, n not translated
    block_id    bigint      NOT NULL,
    line        integer     NOT NULL,           -- of the record in its block
    sha256      bytea       NOT NULL            -- of the redacted record
) PARTITION BY RANGE (day);
CREATE UNIQUE INDEX activity_record ON activity (account, record_id, day);
CREATE INDEX activity_principal ON activity (principal, occurred_at);

-- What is known of each account's records, by the import that brought them: an answer as known at a
-- position counts the imports up to that position.
CREATE TABLE account_coverage (
    position     bigint      NOT NULL,          -- of the import's iam.RecordsImported
    account      text        NOT NULL,
    day_hour     timestamptz NOT NULL,          -- the start of the hour that the records fall in
    records      bigint      NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    late_records bigint      NOT NULL,          -- came when later ones of the account were known
    PRIMARY KEY (account, day_hour, position)
);

-- Temporary credentials that the calls on record gave out (AssumeRole, GetFederationToken, …): they tell whose a key is
-- that was never used. The account is the one in whose trail the call stands.
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

-- Who used which access key, one row of each account and principal: whose a key is that no listing names.
-- The position is that of the first import that had the use: who had a key first, as far as was known then.
CREATE TABLE key_use (
    access_key  text        COLLATE "C" NOT NULL,
    account     text        COLLATE "C" NOT NULL,   -- in whose trail the use stands
    principal   text        COLLATE "C" NOT NULL,   -- ARN of the user or role
    position    bigint      NOT NULL,
    occurred_at timestamptz NOT NULL                -- of the first use in that import
);
-- Not unique: uses come by COPY, which knows no ON CONFLICT, and imports at the same time may store one of them twice.
CREATE INDEX key_use_key ON key_use (access_key);
