"""The paper's grid search on existing engines: Optuna on one machine, Ray Tune on several. The grid is pure."""
