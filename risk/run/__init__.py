"""The weekly run: from the linked record to one immutable, numbered, published set of scores, reasons and lists."""
