-- A login that owns nothing may see which migrations are applied. (The table is yoyo's, made before the first migration.)
GRANT SELECT ON _yoyo_migration TO erstwhile_service;
