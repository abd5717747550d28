"""The error tree of every service, each class with its HTTP status and stable code.

AttuneError
├── RequestError                  the caller can fix it
│   ├── Unauthenticated   401     no token, or one that cannot be read
│   ├── Forbidden         403     known caller, not allowed (for example: no consent yet)
│   ├── NotFound          404     unknown id, or somebody else's
│   ├── Conflict          409     the thing changed meanwhile, or is busy
│   ├── PayloadTooLarge   413     body over the limit
│   ├── Invalid           422     malformed request; `errors` names each field
│   └── TooManyRequests   429     with Retry-After
└── OperationalError              nobody's fault; logged as one warning, never with a stack trace
    ├── Unavailable       503     a dependency is down, or the queue is full
    └── DeadlineExceeded  504     a dependency was too slow

Messages name the fix and never repeat what a person wrote.
"""

from collections.abc import Sequence

from attune_contracts.problem import TYPE_PREFIX, FieldFault, Problem


class AttuneError(Exception):
    """Base of the tree. `detail` is shown to callers, so it names the fix and no content."""

    status = 500
    code = "internal"
    title = "Something went wrong on our side"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retry_after_s: float | None = None,
        errors: Sequence[FieldFault] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.retry_after_s = retry_after_s
        self.errors = tuple(errors)

    def problem(self, request_id: str | None) -> Problem:
        """The RFC 9457 body of this error."""
        return Problem(
            type=TYPE_PREFIX + self.code.replace("_", "-"),
            title=self.title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            request_id=request_id,
            errors=self.errors,
        )


class RequestError(AttuneError):
    """The caller can fix it."""

    status = 400
    code = "bad_request"
    title = "The request cannot be answered as it is"


class Unauthenticated(RequestError):
    """No credentials, or unreadable ones."""

    status = 401
    code = "unauthenticated"
    title = "Credentials are missing"


class Forbidden(RequestError):
    """A known caller who may not do this."""

    status = 403
    code = "forbidden"
    title = "This is not allowed"


class NotFound(RequestError):
    """Unknown, or somebody else's: the two are never told apart."""

    status = 404
    code = "not_found"
    title = "There is nothing here"


class Conflict(RequestError):
    """The thing changed meanwhile, or is busy."""

    status = 409
    code = "conflict"
    title = "Something else happened at the same time"


class PayloadTooLarge(RequestError):
    """The body exceeds the limit."""

    status = 413
    code = "payload_too_large"
    title = "The request is too large"


class Invalid(RequestError):
    """A malformed request; `errors` names each field and what to send instead."""

    status = 422
    code = "invalid_request"
    title = "Some fields are not valid"


class TooManyRequests(RequestError):
    """The caller's quota is used up for now."""

    status = 429
    code = "quota_exceeded"
    title = "Too many requests"


class OperationalError(AttuneError):
    """Nobody's fault: a dependency, a deadline, a full queue."""

    status = 503
    code = "unavailable"
    title = "This is not available right now"


class Unavailable(OperationalError):
    """A dependency is down, or a queue is full."""


class DeadlineExceeded(OperationalError):
    """A dependency did not answer in time."""

    status = 504
    code = "deadline_exceeded"
    title = "This took too long"
