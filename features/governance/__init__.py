"""Choice and law, in one place: which feed may be read for what, whose rows may not be, which codes never come in, and what
of the rest may be shown."""
