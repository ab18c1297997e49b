"""Training, calibration, validation and release of risk models. Takes a matrix; knows nothing of GP practices."""

import os

# LightGBM's threads wait for each other many times a tree. On a busy machine a thread that spins while it waits keeps the one
# that it waits for from running: 20,000 rows took two threads 43 s spinning and 10 s asleep. Read when the library loads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
