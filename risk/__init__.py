"""Turns probabilities into lists, owns the store, and is the command line."""
