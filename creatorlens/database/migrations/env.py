"""Alembic's entry point. `engine.migrate` hands the connection in; there is no offline mode."""

from alembic import context

from creatorlens.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
