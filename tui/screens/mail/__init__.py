"""Screens of ``core.mail``, one a module."""
