-- What AWS's protocol keeps beside the log.

-- Seeds of virtual MFA devices, sealed as the secrets of access keys are. A code works once: last_step is the
-- newest time step whose code was taken; drift is how many steps the device's clock is ahead of ours.
CREATE TABLE mfa_seed (
    serial_number text PRIMARY KEY,
    account       text   NOT NULL,
    master_key    text   NOT NULL,
    sealed        bytea  NOT NULL,
    drift         int    NOT NULL DEFAULT 0,
    last_step     bigint NOT NULL DEFAULT 0
);

-- argon2id hashes of console passwords: the newest is in force, the older ones are not to be used again.
CREATE TABLE login_password (
    account    text NOT NULL,
    principal  text NOT NULL,  -- the user's unique id
    hash       text NOT NULL,
    set_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, principal, set_at)
);

-- When which credential was last used for what.
CREATE TABLE last_use (
    account       text NOT NULL,
    principal     text NOT NULL,  -- unique id of the user or role; the account for its root
    access_key_id text NOT NULL,  -- '' for sessions
    service       text NOT NULL,
    action        text NOT NULL,
    region        text NOT NULL,
    used_at       timestamptz NOT NULL,
    PRIMARY KEY (account, principal, access_key_id, service, action)
);

-- Reports that were asked for, until they expire.
CREATE TABLE report (
    report_id  text PRIMARY KEY,
    account    text NOT NULL,
    kind       text NOT NULL,  -- credentials, service-access, organization-access
    content    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON mfa_seed, login_password, last_use, report TO erstwhile_service;
