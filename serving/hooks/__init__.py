"""CDS Hooks 2.0: a card in the record system of whoever opens somebody who is on the list."""
