"""Room for encrypted tokens of Slack workspaces, which are longer; SQLite limits no text. States of
installations in progress are signed now instead of stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_room_for_encrypted_tokens"
down_revision = "0018_question_versions"
branch_labels = None
depends_on = None

SECRETS = {
    "slack_bots": ("bot_token", "bot_refresh_token"),
    "slack_installations": (
        "bot_token",
        "bot_refresh_token",
        "user_token",
        "user_refresh_token",
        "incoming_webhook_url",
    ),
}


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table, columns in SECRETS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.alter_column(
                    column, existing_type=sa.String(200), type_=sa.String(1000), nullable=True
                )
    op.drop_table("slack_oauth_states")
