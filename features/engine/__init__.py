"""Plans the declared predictors together and runs them over one narrow stream of facts."""
