"""The simulated integrated care system: what happened, what was recorded of it by whom and when, and the files of that.

Nobody in it exists. Codes of organisations and places are of the right form and invented.
"""

from features.population.area import simulate
from features.population.calibration import Calibration

__all__ = ["Calibration", "simulate"]
