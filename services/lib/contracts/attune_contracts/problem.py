"""RFC 9457 problem details: the one shape of every error that leaves a service."""

from attune_contracts.base import Output

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "https://attune.example/problems/"


class FieldFault(Output):
    """One field of a refused request: where it is, and what to send instead. Never the value that was sent."""

    field: str
    message: str


class Problem(Output):
    """`type` and `code` are stable; `detail` names the fix; nothing in here repeats what a person wrote."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None
    errors: tuple[FieldFault, ...]
