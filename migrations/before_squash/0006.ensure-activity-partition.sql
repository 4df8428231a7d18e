-- Creates the partition of a day when it is missing. Runs with its owner's rights:
-- the service's role may not create tables.
CREATE FUNCTION ensure_activity_partition(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text := 'activity_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF activity FOR VALUES FROM (%L) TO (%L)',
                           name, wanted, wanted + 1);
        END IF;
    END IF;
END $$;
