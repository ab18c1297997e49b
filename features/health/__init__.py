"""How the record's feeds are: what each covers, how late it is, whether it sends what it used to, and for which practices.

Missing means missing: a practice that stopped sending is not a practice whose patients got well.
"""

from features.health.state import Health, health

__all__ = ["Health", "health"]
