"""The system of record: tables, engine, migrations."""

from creatorlens.database.engine import open_database

__all__ = ["open_database"]
