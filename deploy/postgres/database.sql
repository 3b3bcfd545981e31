-- database.sql -- the one database, closed to whoever is not let in by role.sql.
CREATE DATABASE suyuan;
REVOKE ALL ON DATABASE suyuan FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
\connect suyuan
REVOKE ALL ON SCHEMA public FROM PUBLIC;
