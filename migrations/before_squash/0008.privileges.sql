-- The service's role. It may add to the log and read it; it owns nothing.
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
GRANT SELECT, INSERT ON imported_file, evidence_block, activity, account_coverage TO erstwhile_service;
GRANT USAGE ON SEQUENCE evidence_block_id TO erstwhile_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON checkpoint, fact, fold_clock, audit_change,
    api_token TO erstwhile_service;
GRANT TRUNCATE ON fact, fold_clock, audit_change TO erstwhile_service;  -- to rebuild them
