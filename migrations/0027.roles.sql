-- Who may do what, as roles that nobody logs in as. The owner's tables are nobody's else: the server adds to the log and
-- makes read models, and cannot alter what was recorded (KEEPING.md). erstwhile_service, the server's role, is both
-- writer and projector. Tables that come later are given to the owner, and shown to the reader, at the end of each
-- migration (erstwhile.api.database.roles).
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['erstwhile_owner', 'erstwhile_writer', 'erstwhile_projector', 'erstwhile_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database of this server has made it
        END;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
    END LOOP;
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO erstwhile_owner', current_schema());
    EXECUTE format('GRANT erstwhile_owner TO %I', current_user);
    GRANT erstwhile_reader TO erstwhile_writer, erstwhile_projector;
    GRANT erstwhile_writer, erstwhile_projector TO erstwhile_service;
END $$;

-- The writer: commands and imports, what AWS's protocol keeps beside the log, and the decision log.
GRANT SELECT, INSERT ON event, event_tag TO erstwhile_writer;
GRANT SELECT, INSERT, DELETE ON event_details TO erstwhile_writer;
GRANT SELECT, INSERT ON imported_file, evidence_block, activity, account_coverage, issued_key, key_use, decision
    TO erstwhile_writer;
GRANT SELECT, INSERT, UPDATE ON digest_verdict TO erstwhile_writer;
GRANT USAGE ON SEQUENCE evidence_block_id, decision_id TO erstwhile_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_token, credential_secret, mfa_seed, login_password, guess, last_use, report
    TO erstwhile_writer;

-- The projector: read models, and the ledger, which grows and does not change (functions/refuse_ledger_change.sql).
GRANT SELECT, INSERT, UPDATE, DELETE ON checkpoint, fact, fold_clock, audit_change, watch_period TO erstwhile_projector;
GRANT TRUNCATE ON fact, fold_clock, audit_change TO erstwhile_projector;
GRANT SELECT, INSERT, DELETE ON set_apart, use_run, used TO erstwhile_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON use_of_import TO erstwhile_projector;
GRANT SELECT, INSERT, UPDATE ON watch_notice, ledger_tile, ledger_checkpoint TO erstwhile_projector;
GRANT SELECT, INSERT ON ledger_key TO erstwhile_projector;
