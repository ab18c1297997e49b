"""The meeting's pages: HTML for people, of the same answers that the API gives."""
