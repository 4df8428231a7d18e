-- Creates one partition of activity, for ensure_activity_partition(). The table is made first and attached then:
-- attaching waits for no connection that writes into the others, and none waits for it.
CREATE OR REPLACE FUNCTION add_activity_partition(name text, since date, until date) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF to_regclass(quote_ident(name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE activity INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE activity ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until);
    END IF;
END $$;
REVOKE ALL ON FUNCTION add_activity_partition(text, date, date) FROM PUBLIC;
