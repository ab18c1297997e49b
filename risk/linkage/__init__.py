"""Linking as it is worked from the command line: the links, the pile for a person, what a person decides, and how good it is."""
