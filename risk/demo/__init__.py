"""The demonstration: the very commands a user types, one after another, and a client that calls what they built."""
