-- What CloudTrail's own digest files say of an imported file: a later look at more digests may say more.
CREATE TABLE digest_verdict (
    sha256     bytea       PRIMARY KEY,   -- of the imported file, as it lay on disk
    verdict    text        NOT NULL,      -- verified, not signed here, altered, appended to, in no digest
    digest     text        NOT NULL,      -- the S3 object of the digest that names the file; '' for none
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON digest_verdict TO erstwhile_service;
