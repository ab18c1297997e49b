"""The linked record of an area and the predictors read from it. Knows nothing of models, lists or their readers."""

import sys

# Where Spark is installed, pandera imports Spark's pandas with itself: seconds at every start, for an interface that nothing
# here uses.
sys.modules.setdefault("pyspark.pandas", None)  # type: ignore[arg-type]
