"""Layer one, what happened: true events at true times. Nothing here knows who wrote anything down."""
