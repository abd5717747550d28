"""Data, fine-tuning, sweeps, the emotion model, judging, study and reports. Start with `python -m attune_training`."""
