-- Deletes what is older than its retention period and not held: of evidence, activity or decisions. The periods and the
-- holds are read from the log, so who may call this (the server, whose rights do not reach into the past) deletes nothing
-- earlier than an event says. Runs with its owner's rights. Returns before which instant, and how many rows are gone.
--
-- Evidence goes by blocks, each with the last of its records. Activity takes its evidence with it.
CREATE OR REPLACE FUNCTION apply_retention(kind text, default_days integer, OUT before timestamptz, OUT deleted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    days integer;
    blocks bigint[];
BEGIN
    deleted := 0;
    SELECT CASE WHEN e.type = 'iam.SettingPut' THEN (e.data->'body'->'attributes'->>'days')::integer END INTO days
    FROM event e
    WHERE e.type IN ('iam.SettingPut', 'iam.SettingRemoved') AND e.account = 'erstwhile'
      AND e.data->'body'->>'category' = 'retention' AND e.data->'body'->>'name' = kind
    ORDER BY e.position DESC LIMIT 1;
    IF NOT FOUND THEN
        -- Nobody has decided: decisions alone have a period by themselves, of no less than a year.
        days := CASE WHEN kind = 'decisions' THEN greatest(default_days, 365) END;
    END IF;
    IF days IS NULL OR days < 1 THEN
        RETURN;
    END IF;
    before := date_trunc('day', clock_timestamp(), 'UTC') - days * interval '1 day';
    IF kind = 'decisions' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds())
        DELETE FROM decision d
        WHERE d.day < (before AT TIME ZONE 'UTC')::date AND NOT EXISTS (
            SELECT FROM holds h
            WHERE (h.principal = '' OR h.principal IN (d.subject, d.asked_by)) AND h.account = ''
              AND d.decided_at >= h.since AND d.decided_at < h.until);
        GET DIAGNOSTICS deleted = ROW_COUNT;
    ELSIF kind = 'activity' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds()), gone AS (
            DELETE FROM activity r
            WHERE r.day <= (before AT TIME ZONE 'UTC')::date AND r.occurred_at < before AND NOT EXISTS (
                SELECT FROM holds h
                WHERE (h.principal = '' OR h.principal IN (r.principal, r.session, r.access_key))
                  AND h.account IN ('', r.account) AND r.occurred_at >= h.since AND r.occurred_at < h.until)
            RETURNING r.block_id)
        SELECT count(*), array_agg(DISTINCT g.block_id) INTO deleted, blocks FROM gone g;
        DELETE FROM evidence_block b
        WHERE b.block_id = ANY (blocks) AND NOT EXISTS (SELECT FROM activity r WHERE r.block_id = b.block_id);
    ELSIF kind = 'evidence' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds()), old AS (
            SELECT r.block_id FROM activity r GROUP BY r.block_id
            HAVING max(r.occurred_at) < before AND NOT bool_or(EXISTS (
                SELECT FROM holds h
                WHERE (h.principal = '' OR h.principal IN (r.principal, r.session, r.access_key))
                  AND h.account IN ('', r.account) AND r.occurred_at >= h.since AND r.occurred_at < h.until)))
        DELETE FROM evidence_block b USING old WHERE b.block_id = old.block_id;
        GET DIAGNOSTICS deleted = ROW_COUNT;
    END IF;
END $$;
REVOKE ALL ON FUNCTION apply_retention(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apply_retention(text, integer) TO erstwhile_service;
