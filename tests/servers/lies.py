"""What a server says that is not so, or does that it should not, as values: a matrix lists them.

Most were seen in a server that is in use. The tables at the end are sorted by what a client can make of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.servers.hostile import Raw

Headers = Mapping[str, str]
FOR_EVER = 1_000_000


@dataclass(frozen=True)
class Lie:
    """How requests are treated, from the `first` on, `times` times. What is not given is honest.

    In the values of headers, {names} stand for what `LyingServer.facts` and its subclasses say.
    """

    method: str = "*"
    first: int = 1  # counted among the requests that fit
    times: int = FOR_EVER
    above: int = -1  # only requests whose body has more bytes than this
    upload: str = ""  # only requests whose path ends so
    query: str = ""  # only requests that have this name in their query

    instead: bool = False  # nothing is done, this is only answered
    early: bool = False  # and answered before the body was read; the connection is closed
    keep: float = 1.0  # the part of the body that is kept, of what is said nothing
    forget: float = 0.0  # the part of what was stored that is lost beforehand, as by a crash
    blind: tuple[str, ...] = ()  # names of headers (in lower case) and in the query that are not seen

    status: int | None = None
    headers: Headers = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    body: bytes | None = None
    interim: tuple[tuple[int, Headers], ...] = ()  # answers before the answer
    cached: bool = (
        False  # the first answer for a path again and again, unless the client asks for a fresh one
    )
    raw: Raw | None = None  # all is done, and this sent in place of an answer
    hang_up: bool = False  # all is done, and the connection closed without an answer
    stall: bool = False  # all is done, and never answered


def refuse(method: str, status: int, *, times: int = FOR_EVER, first: int = 1, **headers: str) -> Lie:
    """Answer so, and do nothing. Names of headers are written with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Lie(method, instead=True, status=status, times=times, first=first, headers=named)


def location(form: str) -> Lie:
    """Return an upload's URL in this form."""
    return Lie("POST", headers={"Location": form})


_PORTAL = b"<html><title>Welcome to our network</title><form>Accept the terms</form></html>"
_CAPTIVE = Lie(instead=True, status=200, headers={"Content-Type": "text/html"}, body=_PORTAL)
_REDIRECT = {"Location": "http://{localhost}{path}"}
_UNCHECKED = ("upload-checksum", "upload-offset")
_LOSES = Lie("PATCH", keep=0.5, headers={"Upload-Offset": "{claimed}"}, blind=_UNCHECKED)
_LIMITS = {"Upload-Limit": "max-size=1000000"}

# What can be survived: the file arrives whole in the end, without a person.
TUS_SURVIVABLE: dict[str, tuple[Lie, ...]] = {
    "2 short offset": (Lie("PATCH", keep=0.5, times=3),),
    "3 204 without offset": (Lie("PATCH", drop=("Upload-Offset",)),),
    "4 409 three times": (refuse("PATCH", 409, times=3),),
    "5 offsets not checked": (Lie("PATCH", blind=("upload-offset",)),),
    "7 offset goes backwards": (Lie("HEAD", forget=0.5, first=2, times=1),),
    "8 locked for a while": (refuse("PATCH", 423, times=3), refuse("HEAD", 423, times=2)),
    "8 lock waited for in vain": (refuse("PATCH", 503, times=2),),
    "10 token expired for a moment": (refuse("HEAD", 401, times=1, WWW_Authenticate="Bearer"),),
    "11 one upload is gone": (Lie("*", upload="/upload-1", instead=True, status=404),),
    "12 gone mid-way": (Lie("*", upload="/upload-1", first=4, instead=True, status=410),),
    "13 429, seconds": (refuse("PATCH", 429, times=2, Retry_After="1"),),
    "13 429, a date": (refuse("PATCH", 429, times=1, Retry_After="{soon}"),),
    "13 429, a date in the past": (refuse("PATCH", 429, times=1, Retry_After="{past}"),),
    "13 429, negative": (refuse("PATCH", 429, times=2, Retry_After="-5"),),
    "13 429, nought": (refuse("PATCH", 429, times=2, Retry_After="0"),),
    "13 429, nonsense": (refuse("PATCH", 429, times=2, Retry_After="soon"),),
    "14 413 early": (Lie("PATCH", above=1 << 20, early=True, status=413),),
    "14 413 late": (Lie("PATCH", above=1 << 20, instead=True, status=413),),
    "16 Location is a path": (location("/files/{id}"),),
    "16 Location is relative": (location("files/{id}"),),
    "16 Location without a scheme": (location("//{here}/files/{id}"),),
    "16 Location with a query": (location("http://{here}/files/{id}?sig=a%2Fb&x=1"),),
    "18 stalled at the last byte": (Lie("PATCH", stall=True, times=1),),
    "20 answer to POST lost": (Lie("POST", hang_up=True, times=1),),
    "1 answer to PATCH lost": (Lie("PATCH", hang_up=True, times=2),),
    "33 interim 103": (Lie("*", interim=((103, {"Link": "</x>; rel=preload"}),)),),
    "33 interim 104": (Lie("*", interim=((104, _LIMITS),)),),
    "34 HEAD answers 204": (Lie("HEAD", status=204),),
    "34 HEAD is cached": (Lie("HEAD", cached=True),),
    "34 HEAD says gzip": (Lie("HEAD", headers={"Content-Encoding": "gzip"}),),
    "36 captive portal for a while": (Lie(instead=True, status=200, body=_PORTAL, times=3),),
}

# What nobody can succeed with while it lasts: claim nothing, send nothing elsewhere, tell a person.
TUS_HOPELESS: dict[str, tuple[Lie, ...]] = {
    "4 409 for ever": (refuse("PATCH", 409),),
    "6 offset beyond the size": (Lie("HEAD", headers={"Upload-Offset": "{beyond}"}),),
    "6 another length": (Lie("HEAD", headers={"Upload-Length": "{beyond}"}),),
    "6 offset is no number": (Lie("HEAD", headers={"Upload-Offset": "-1"}),),
    "6 PATCH says more than there is": (Lie("PATCH", headers={"Upload-Offset": "{beyond}"}),),
    "8 locked for ever": (refuse("PATCH", 423),),
    "10 401 for ever": (refuse("*", 401, WWW_Authenticate="Bearer"),),
    "11 every upload is gone": (refuse("HEAD", 404), refuse("PATCH", 404)),
    "13 429, far too long": (refuse("PATCH", 429, Retry_After="999999999999"),),
    "14 413 whatever the size": (refuse("PATCH", 413),),
    "14 413 at creation": (refuse("POST", 413),),
    "15 302 elsewhere": (Lie("*", instead=True, status=302, headers=_REDIRECT),),
    "15 307 elsewhere": (Lie("*", instead=True, status=307, headers=_REDIRECT),),
    "15 Location elsewhere": (location("http://{localhost}/files/{id}"),),
    "16 no Location": (Lie("POST", drop=("Location",)),),
    "16 Location is nonsense": (location("http://[::1"),),
    "28 metadata refused": (refuse("POST", 400),),
    "36 captive portal": (_CAPTIVE,),
    "36 another tus": (refuse("*", 412, Tus_Version="2.0.0"),),
    "18 black hole at the end": (Lie("PATCH", stall=True),),
}

# What looks like success, and is not: only what was proven otherwise may be called verified.
TUS_SILENT: dict[str, tuple[Lie, ...]] = {
    "25 checksums advertised, not checked": (Lie("PATCH", blind=("upload-checksum",)),),
    "25 bytes lost, and owned to when asked": (_LOSES,),
    "25 bytes lost without a word": (_LOSES, Lie("HEAD", headers={"Upload-Offset": "{size}"}, first=2)),
}

# On a server with TLS only.
TUS_DOWNGRADE: dict[str, tuple[Lie, ...]] = {
    "15 Location without TLS": (location("http://{here}/files/{id}"),),
}
