"""What a meeting decides of people on its list: the words for it, what stands, who is folded away, and what is left undone."""
