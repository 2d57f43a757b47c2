"""The tables: one module a domain, and nothing that does anything with them. Any query may join any of them."""
