"""Shows published lists to people who may see them. Opens no database of its own."""
