#!/bin/sh
# Run once by the image, as it makes the database: the role that `millwright cloud init` signs in as. It owns the database
# and makes roles, and is no superuser. The password goes by a variable of psql, not by its arguments.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set password `cat /run/secrets/postgres_owner`
\set database `echo "$POSTGRES_DB"`
CREATE ROLE millwright_owner LOGIN CREATEROLE PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO millwright_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
