"""Alembic: one file a change of the tables, run by :mod:`core.service.upgrade`."""
