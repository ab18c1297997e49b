"""The linked record of an area and the predictors read from it. Knows nothing of models, lists or their readers."""
