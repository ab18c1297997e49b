"""Telling clients, at an address of theirs, that there are events for them to read. Signed, tried again, and of nobody."""
