"""Measurements of the product on generated data, and of others beside it."""
