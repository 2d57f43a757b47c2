"""Contracts, what they cover, the products and the questions asked about them."""
