"""Screens of ``core.contracts``, one a module."""
