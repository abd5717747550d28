"""The emotion model: data, training, export, calibration and evaluation. Run with `python -m attune_training.emotion`."""
