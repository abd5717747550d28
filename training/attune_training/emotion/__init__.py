"""The emotion model: data, training, export, calibration, evaluation. Run `python -m attune_training.emotion`."""
