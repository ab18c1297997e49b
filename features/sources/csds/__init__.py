"""Community Services Data Set (version 1.6): contacts with community teams, scored assessments, and whom a team has on its books.

A folder with a folder for each submission, named by the day on which it was received (``2024-05-15``), each with the data set's tables
as CSV or Parquet (``CYP000….csv`` to ``CYP612….csv``). See ``docs/sources/csds.md``.
"""

from features.sources.csds.source import CommunityServices, open_source

__all__ = ["CommunityServices", "open_source"]
