"""Schema versions of the store, in order."""
