"""Extracts that come as deliveries: files of declared columns, each with the day of its receipt in its name.

A kind of extract is a :class:`~features.sources.delivered.declared.Layout`: its raw files (a pandera contract each), the rules by which
their rows become rows of the record, and its lag. ``statements`` makes each rule a query, ``files`` finds the files, and
``extract`` reads them as a source.

**When it was known.** The first delivery brings what went before: each of its rows is taken to have been known when it was entered,
plus the declared lag, and at the latest on receipt. What a later delivery brings new was known on its receipt.
"""

from features.sources.delivered.declared import Layout, Lookup, RawFile, Rule, dated
from features.sources.delivered.extract import Delivered
from features.sources.delivered.opening import opener

__all__ = ["Delivered", "Layout", "Lookup", "RawFile", "Rule", "dated", "opener"]
