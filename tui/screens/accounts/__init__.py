"""Screens of ``core.accounts``, one a module."""
