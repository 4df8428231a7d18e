-- Whoever writes decisions holds this lock, shared, until the end of the transaction: the tree's keeper, which takes it
-- alone for a moment, then sees every decision whose id was given out. One call for each COPY, before its first id.
CREATE OR REPLACE FUNCTION decisions_are_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('erstwhile.decisions-written'));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER decisions_are_written BEFORE INSERT ON decision
    FOR EACH STATEMENT EXECUTE FUNCTION decisions_are_written();
