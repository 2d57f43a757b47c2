"""Installer companies: signing up, the company itself, its people."""
