-- Creates the partition of activity that a day falls in, when it is missing. Runs with its owner's rights: the
-- service's role may not create tables. Partitions are months: 120 of them after ten years. A month of which some days
-- have partitions of their own (earlier releases made these) goes on with days.
CREATE OR REPLACE FUNCTION ensure_activity_partition(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    first_day date := date_trunc('month', wanted)::date;
    after_last date := (date_trunc('month', wanted) + interval '1 month')::date;
    name text := 'activity_' || to_char(wanted, 'YYYYMM');
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
    IF EXISTS (SELECT FROM generate_series(first_day, after_last - 1, interval '1 day') AS day
               WHERE to_regclass('activity_' || to_char(day, 'YYYYMMDD')) IS NOT NULL) THEN
        FOR first_day IN SELECT day::date FROM generate_series(first_day, after_last - 1, interval '1 day') AS day
        LOOP
            PERFORM add_activity_partition('activity_' || to_char(first_day, 'YYYYMMDD'), first_day, first_day + 1);
        END LOOP;
    ELSE
        PERFORM add_activity_partition(name, first_day, after_last);
    END IF;
END $$;
