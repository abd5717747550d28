"""The outermost middleware: security headers on every answer, no caching of conversations, no slow bodies.

Plain ASGI. Header values follow OWASP ASVS 5.0, chapters V3.4 and V14.3, and the OWASP Secure Headers project.
"""

import asyncio
import time
from collections.abc import Sequence

from attune_kit.errors import RequestError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attune_gateway.limits import is_within
from attune_gateway.settings import Network
from attune_gateway.state import RATE_HEADERS

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
DENIED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "serial",
    "usb", "xr-spatial-tracking",
)  # fmt: skip
FIXED = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(f"{feature}=()" for feature in DENIED).encode()),
    (b"x-frame-options", b"DENY"),
]
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
NO_STORE = (b"cache-control", b"no-store")


class BodyTooSlow(RequestError):
    """The caller did not send the body in time."""

    status = 408
    code = "body_too_slow"
    title = "The request did not arrive in time"


class Shield:
    """Wraps the whole app. `always_https` is for a proxy that ends TLS without saying so."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network], body_receive_s: float, *, always_https: bool) -> None:
        self.app = app
        self.trusted = trusted
        self.body_receive_s = body_receive_s
        self.always_https = always_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        https = self.always_https or self.is_https(scope)
        is_open = not scope["path"].startswith("/v1/") or scope["path"].startswith("/v1/resources")

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *FIXED, *state.get(RATE_HEADERS, ())]
                names = {name for name, _ in headers}
                if b"cache-control" not in names and not is_open:
                    headers.append(NO_STORE)
                message["headers"] = [*headers, HSTS] if https else headers
            await send(message)

        await self.app(scope, BodyClock(receive, self.body_receive_s), send_shielded)

    def is_https(self, scope: Scope) -> bool:
        """Whether the caller came over TLS, as far as a trusted proxy or the server itself says."""
        if scope.get("scheme") == "https":
            return True
        peer = scope["client"][0] if scope.get("client") else ""
        stated = next((value for name, value in scope["headers"] if name == b"x-forwarded-proto"), b"")
        return stated == b"https" and is_within(peer, self.trusted)


class BodyClock:
    """`receive` with a deadline for the whole body. After the body it waits for the disconnect as long as it takes."""

    def __init__(self, receive: Receive, limit_s: float) -> None:
        self._receive = receive
        self._until = time.monotonic() + limit_s
        self._open = True

    async def __call__(self) -> Message:
        """The next message. Raises BodyTooSlow."""
        if not self._open:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._until - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow("Send the whole request within a few seconds.") from None
        self._open = bool(message.get("more_body")) and message["type"] == "http.request"
        return message
