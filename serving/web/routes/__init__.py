"""The pages' routes, one module a page or a few that belong together."""
