"""The paper's evaluation by a language model, and what its verdicts are worth."""
