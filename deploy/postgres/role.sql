-- role.sql -- a login that owns one schema and has no right in any other; again and
-- again: harmless. Variables: role, and password where it needs one.
SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
\if :{?password}
ALTER ROLE :"role" PASSWORD :'password';
\endif
GRANT CONNECT ON DATABASE suyuan TO :"role";
SELECT format('CREATE SCHEMA %I AUTHORIZATION %I', :'role', :'role')
WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = :'role') \gexec
