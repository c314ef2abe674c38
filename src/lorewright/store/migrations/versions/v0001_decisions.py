"""Decisions of people about examples."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table of decisions: rows are added and, but for `forget`, never changed."""
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("entry", sa.String(64), nullable=False, unique=True),
        sa.Column("key", sa.String(64), nullable=False, index=True),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("undoes", sa.Integer, nullable=True),
        sa.Column("messages", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("reviewed_at", sa.String(32), nullable=False),
        sa.Column("example_id", sa.String(64), nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("seen_messages", sa.Text, nullable=False),
        sa.Column("documents", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=True),
        sqlite_autoincrement=True,
    )
