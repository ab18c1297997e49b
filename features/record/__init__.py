"""The linked record: one module a domain with its pandera schemas, how rows get in, and the only way to read them."""
