"""What can happen to one question to a judge. Each is counted; none becomes a score."""

from attune_training.errors import TrainingError


class JudgeError(TrainingError):
    """Base. `retry` says whether the same question may be asked again; `reason` is the name it is counted under.

    The tokens are what the answer cost all the same.
    """

    reason = "failed"
    retry = False

    def __init__(self, message: str, *, input_tokens: int = 0, output_tokens: int = 0) -> None:
        super().__init__(message)
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens


class Blocked(JudgeError):
    """The judge's safety filter refused the material."""

    reason = "blocked"


class Cut(JudgeError):
    """The answer ended before its JSON did."""

    reason = "cut"


class Unreadable(JudgeError):
    """The answer is no verdict."""

    reason = "unreadable"


class Busy(JudgeError):
    """429, 5xx, a lost connection or a timeout."""

    reason = "busy"
    retry = True


class Refused(JudgeError):
    """The service will not answer us at all (key, model, request); the batch stops."""

    reason = "refused"


class BudgetSpent(JudgeError):
    """The cost cap is reached; what is judged so far is kept."""

    reason = "budget"
