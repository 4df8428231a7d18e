-- The service's role, and what it may do with the tables above. It may add to the log and read it; it owns nothing.
DO $$
BEGIN
    BEGIN
        CREATE ROLE erstwhile_service NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server has made it
    END;
    EXECUTE format('GRANT erstwhile_service TO %I', current_user);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO erstwhile_service', current_schema());
END $$;
GRANT SELECT, INSERT ON event, event_tag TO erstwhile_service;
GRANT SELECT, INSERT, DELETE ON event_details TO erstwhile_service;
GRANT SELECT, INSERT ON imported_file, evidence_block, activity, account_coverage, issued_key, key_use
    TO erstwhile_service;
GRANT USAGE ON SEQUENCE evidence_block_id TO erstwhile_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON checkpoint, fact, fold_clock, audit_change, api_token, credential_secret,
    mfa_seed, login_password, guess, last_use, report TO erstwhile_service;
GRANT TRUNCATE ON fact, fold_clock, audit_change TO erstwhile_service;  -- to rebuild them
GRANT SELECT, INSERT, DELETE ON set_apart TO erstwhile_service;
-- Logins of this role may see which migrations are applied. (The table is yoyo's, made before the first one.)
GRANT SELECT ON _yoyo_migration TO erstwhile_service;
