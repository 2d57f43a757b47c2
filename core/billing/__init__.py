"""Invoices, payments, usage and orders of subscribers."""
