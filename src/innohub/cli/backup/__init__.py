"""All of the hub in one file, and back: PostgreSQL's own `pg_dump` and `pg_restore`.

The hub keeps everything in its database, files too. What is not in it are the two keys of the
environment; without INNOHUB_VAULT_KEY what is sealed in a backup stays sealed.
"""
