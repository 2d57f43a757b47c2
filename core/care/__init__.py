"""Installer companies and the devices they look after (spec/care.md)."""
