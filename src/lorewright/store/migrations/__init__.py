"""The versions of the database, one file each, run by Alembic; none is edited once it was released."""
