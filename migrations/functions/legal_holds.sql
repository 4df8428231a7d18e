-- The legal holds that are in force, from the log: what they are about; '' and infinite instants do not narrow.
CREATE OR REPLACE FUNCTION legal_holds()
RETURNS TABLE (name text, principal text, account text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT h.name, coalesce(h.about->>'principal', ''), coalesce(h.about->>'account', ''),
           coalesce((h.about->>'since')::timestamptz, '-infinity'), coalesce((h.about->>'until')::timestamptz, 'infinity')
    FROM (
        SELECT DISTINCT ON (e.data->'body'->>'name') e.data->'body'->>'name' AS name, e.type,
               e.data->'body'->'attributes' AS about
        FROM event e
        WHERE e.type IN ('iam.SettingPut', 'iam.SettingRemoved') AND e.account = 'erstwhile'
          AND e.data->'body'->>'category' = 'legal-hold'
        ORDER BY e.data->'body'->>'name', e.position DESC
    ) h
    WHERE h.type = 'iam.SettingPut'
$$;
