"""One person scored now, from their rows as they were posted."""
