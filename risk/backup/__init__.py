"""Backups of an installation, their restoring, and the drill that proves that it can be done."""
