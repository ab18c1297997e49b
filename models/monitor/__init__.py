"""Watching a model in use: whether what goes in, what comes out and what then happens are still as when it was made."""

from models.monitor.facts import Watched
from models.monitor.reference import Reference
from models.monitor.triggers import TRIGGERS, Trigger
from models.monitor.watch import watch

__all__ = ["TRIGGERS", "Reference", "Trigger", "Watched", "watch"]
