"""Okienko's interface in the terminal. What it does to a desk goes through ``core.service.desk`` alone."""
