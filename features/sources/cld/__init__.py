"""Adult Social Care Client Level Data: what councils submit every quarter about who asked for, was assessed for and got care.

A folder of submissions (CSV or Parquet, release 1 or 2, one flat table each), or one of them. The day on which a submission was
received stands in its file's name (``…_2024-05-15.csv``); every row of it was first known on that day. Submissions cover rolling
twelve months, overlap, and come late: see ``statements`` for the rules and ``docs/sources/cld.md`` for their meaning.
"""

from features.sources.cld.source import ClientLevelData, open_source

__all__ = ["ClientLevelData", "open_source"]
