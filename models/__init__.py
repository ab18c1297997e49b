"""Training, calibration, validation and release of risk models. Takes a matrix; knows nothing of GP practices."""
