-- Creates the partition of the decision log for a day, when it is missing. Runs with its owner's rights: the service's
-- role may not create tables.
CREATE OR REPLACE FUNCTION ensure_decision_partition(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text := 'decision_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
    IF to_regclass(quote_ident(name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE decision INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE decision ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, wanted, wanted + 1);
    END IF;
END $$;
