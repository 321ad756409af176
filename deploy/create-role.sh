#!/bin/sh
# Creates the role and the database of the API. Runs once, as the superuser of Postgres, such as in
# /docker-entrypoint-initdb.d. Needs API_DATABASE_PASSWORD.
#
# The role cannot bypass row-level security: neither as a superuser nor by BYPASSRLS. Tables are its own,
# so their migrations must say FORCE ROW LEVEL SECURITY.
set -eu
: "${API_DATABASE_PASSWORD:?is missing}"

# psql quotes the password. It is read from the environment, so that no list of processes shows it.
psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet --dbname="${POSTGRES_DB:-postgres}" <<'SQL'
\getenv password API_DATABASE_PASSWORD
create role api login password :'password';
create database api owner api;
revoke connect on database api from public;
SQL
