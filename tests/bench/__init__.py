"""Figures the project keeps measuring: ratios from one run, never absolute times (``python -m tests.bench NAME``)."""
