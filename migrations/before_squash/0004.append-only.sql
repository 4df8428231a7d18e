-- Append-only, enforced by the database: this trigger stops everyone, the owner included;
-- the service's role may only SELECT and INSERT (0008.privileges.sql).
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_tag_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_tag
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Details may be forgotten (DELETE), never altered.
CREATE TRIGGER event_details_no_update BEFORE UPDATE OR TRUNCATE ON event_details
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
