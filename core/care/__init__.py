"""Installer companies and the devices they look after."""
