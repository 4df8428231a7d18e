-- The address that a client's source is; null for names of services and for any other text.
CREATE OR REPLACE FUNCTION client_address(source text) RETURNS inet
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF source !~ '^[0-9a-fA-F.:]+$' THEN
        RETURN NULL;
    END IF;
    RETURN source::inet;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN NULL;
END $$;
