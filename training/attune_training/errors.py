"""Errors of the training side. `__main__` prints each as one line and leaves with its exit code.

TrainingError
├── ConfigError       the configuration file or an option is wrong           (also ValueError)
├── DataError         rows that cannot be read, rendered or split            (also ValueError)
├── DoesNotFit        the run cannot fit the card; the message says why      (also MemoryError)
├── RunExists         the run folder is there and would be overwritten       (also FileExistsError)
├── MissingTool       an optional package or device is absent                (also RuntimeError)
├── Diverged          the loss stopped being a finite number; a recorded result, not a crash
└── NotPromoted       a gate refused an adapter
"""


class TrainingError(Exception):
    """Base of every expected failure here."""

    exit_code = 2


class ConfigError(TrainingError, ValueError):
    """The configuration file or an option is wrong."""


class DataError(TrainingError, ValueError):
    """Rows that cannot be read, rendered or split."""


class DoesNotFit(TrainingError, MemoryError):
    """The run cannot fit the card."""


class RunExists(TrainingError, FileExistsError):
    """The run folder is there and would be overwritten."""


class MissingTool(TrainingError, RuntimeError):
    """An optional package or device is absent."""


class Diverged(TrainingError):
    """The loss stopped being a finite number at `step`."""

    exit_code = 3

    def __init__(self, step: int) -> None:
        super().__init__(f"the loss is not a finite number at step {step}: lower the learning rate")
        self.step = step


class NotPromoted(TrainingError):
    """A gate refused an adapter."""

    exit_code = 4
