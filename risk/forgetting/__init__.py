"""Forgetting somebody: begun in a ledger, carried out step by step, each step repeatable, proved by looking again."""
