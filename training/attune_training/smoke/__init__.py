"""The whole chain in minutes: prepare, train, sweep, export, verify, generate. `make train-smoke` and CI run it."""
