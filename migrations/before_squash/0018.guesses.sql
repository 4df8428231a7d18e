-- Wrong MFA codes and passwords of a principal, since the last right one.
CREATE TABLE guess (
    account      text NOT NULL,
    principal    text NOT NULL,  -- unique id of the user; the account for its root
    credential   text NOT NULL,  -- mfa, password
    failures     int  NOT NULL DEFAULT 0,
    locked_until timestamptz,
    last_at      timestamptz,
    PRIMARY KEY (account, principal, credential)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON guess TO erstwhile_service;
