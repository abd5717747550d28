"""Wire models of the emotion service's second reader: what a message is about, and how well a reply fits it."""

from typing import Annotated

from pydantic import Field

from attune_contracts.base import Input, Output
from attune_contracts.emotion import Text

MATCH_TEXTS_MAX = 4
FIT_REPLIES_MAX = 128


class SituationsRequest(Input):
    """1 to 4 texts: the message, and perhaps the message with what came before it."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=MATCH_TEXTS_MAX)]


class Match(Output):
    """A situation or an authored exchange by name, and its nearness to the text: a cosine, at most 1."""

    name: str
    score: float


class Matches(Output):
    """The nearest of each kind, best first."""

    situations: tuple[Match, ...]
    exchanges: tuple[Match, ...]


class SituationsResponse(Output):
    """The matches of each text, in the order of the request."""

    results: tuple[Matches, ...]


class FitRequest(Input):
    """A message and 1 to 32 replies to choose from."""

    text: Text
    replies: Annotated[list[Text], Field(min_length=1, max_length=FIT_REPLIES_MAX)]


class FitResponse(Output):
    """For each reply, in order, the probability that it was written to this message. English only."""

    scores: tuple[float, ...]
