"""Layer three, writers: one module a shape in which the area's extracts are put down."""
