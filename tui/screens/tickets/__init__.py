"""Screens of ``core.tickets``, one a module."""
