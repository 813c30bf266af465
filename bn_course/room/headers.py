"""What a browser may do with an answer of the server's."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# JupyterLite compiles WebAssembly, writes styles and starts workers from its own texts; it asks no other
# site. What runs there is of the rooms' own site: an instructor opens no learner's notebook in it.
LITE = HEADERS | {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
    "Cache-Control": "no-cache",
    "X-Frame-Options": "SAMEORIGIN",
}


class Headers:
    """Every answer says what a browser may do with it; none says that another site may read it."""

    def __init__(self, app: ASGIApp, lite: str):
        self._app, self._lite = app, lite

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = LITE if scope.get("path", "").startswith(self._lite) else HEADERS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(kept)
            await send(message)

        await self._app(scope, receive, with_headers)
