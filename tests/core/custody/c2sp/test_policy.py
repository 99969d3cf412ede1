"""Does a policy accept what it says, and is a file that says something else refused?"""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.policy import MOST_LINES, read_policy
from tests.core.custody.c2sp.keys import log_key, witness_key

X = {name: witness_key(number, f"witness.example/{name}") for number, name in enumerate("abcdef", 10)}
LINES = [f"witness {name} {key} https://{name}.example/w" for name, key in X.items()]

SPACED = LINES[4].replace(" ", "  \t")

# The example of C2SP tlog-policy at commit 5ba5ee8, with keys: two of one operator, any of another.
SPEC = f"""\
log {log_key()}

{LINES[0]}
{LINES[1]}
{LINES[2]}
group X-witnesses 2 a b c

\t {LINES[3]}
{SPACED}
{LINES[5]} \t
group Y-witnesses any d e f
  # a comment, in any octets: \udcff
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@given(st.sets(st.sampled_from("abcdef")))
def test_the_example_of_the_specification(cosigned: Collection[str]) -> None:
    policy = read_policy(octets(SPEC))
    enough = sum(name in cosigned for name in "abc") >= 2 and any(name in cosigned for name in "def")
    assert policy.is_met([X[name] for name in cosigned]) == enough
    assert [log.key for log in policy.logs] == [log_key()]
    assert [w.key for w in policy.witnesses] == list(X.values())
    assert policy.witnesses[4].url == "https://e.example/w"


@pytest.mark.parametrize(
    "quorum,cosigned,enough",
    [
        ("none", "", True),
        ("a", "a", True),
        ("a", "", False),
        ("a", "b", False),
        ("both", "ab", True),
        ("both", "a", False),
    ],
)
def test_a_quorum_is_a_witness_a_group_or_none(quorum: str, cosigned: str, enough: bool) -> None:
    text = "\n".join([*LINES, "group both all a b", f"quorum {quorum}"])
    assert read_policy(octets(text)).is_met([X[name] for name in cosigned]) == enough


def test_a_key_of_the_same_name_is_another_key() -> None:
    policy = read_policy(octets(f"{LINES[0]}\nquorum a\n"))
    assert not policy.is_met([witness_key(30, X["a"].name)])


TWO = f"{LINES[0]}\n{LINES[1]}\n"
MANGLED = {
    "": "one quorum line",
    TWO: "one quorum line",
    f"{TWO}quorum a\nquorum b": "line 4: .*one quorum line",
    f"{TWO}quorum c": "line 3: .*earlier line",
    f"quorum a\n{TWO}": "line 1: .*earlier line",
    f"{TWO}quorum": "quorum NAME",
    f"{TWO}quorum a b": "quorum NAME",
    f"{TWO}group g all\nquorum g": "group NAME",
    f"{TWO}group g 0 a\nquorum g": "at least one",
    f"{TWO}group g 3 a b\nquorum g": "at most all",
    f"{TWO}group g 01 a b\nquorum g": "leading zeros",
    f"{TWO}group g most a b\nquorum g": "decimal",
    f"{TWO}group g any a a\nquorum g": "only once",
    f"{TWO}group g any a\ngroup h any a\nquorum h": "only once",
    f"{TWO}group g any g\nquorum g": "earlier line",
    f"{TWO}group g any none\nquorum g": "earlier line",
    f"{TWO}group a any b\nquorum a": "only once",
    f"{TWO}group none any b\nquorum a": "none is not a name",
    f"witness none {X['a']}\nquorum none": "none is not a name",
    f"{LINES[0]}\nwitness b {witness_key(10, 'other')}\nquorum a": "already in the policy",
    f"log {log_key()}\nlog {log_key(name='other')}\nquorum none": "already in the policy",
    f"log {X['a']}\nquorum none": "must be 1",
    f"witness a {log_key()}\nquorum a": "must be 4",
    f"witness a https://a.example/w {X['a']}\nquorum a": "NAME\\+KEYID",
    f"witness a {X['a']} https://a.example/ more\nquorum a": "witness NAME",
    "log\nquorum none": "log VKEY",
    "Log x\nquorum none": "begins with",
    "quorum none\r\n": "control",
    "# \x7f\nquorum none": "control",
    "# \x0b\nquorum none": "control",
    f"witness \udcff {X['a']} \udcff\nquorum none": "utf-8",
    "\n" * MOST_LINES + "quorum none": "lines",
    "#" * 300_000: "bytes",
}


@pytest.mark.parametrize("text", MANGLED)
def test_what_is_not_a_policy_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ValueError, match=MANGLED[text]):
        read_policy(octets(text))


_WORDS = [
    "log",
    "witness",
    "group",
    "quorum",
    "none",
    "a",
    "b",
    "g",
    "all",
    "any",
    "1",
    "2",
    str(X["a"]),
    str(log_key()),
]


@given(
    st.binary(max_size=200)
    | st.lists(st.lists(st.sampled_from(_WORDS), max_size=5).map(" ".join), max_size=8)
    .map("\n".join)
    .map(str.encode)
)
def test_any_bytes_are_a_policy_or_refused(octets: bytes) -> None:
    try:
        policy = read_policy(octets)
    except ValueError:
        return
    assert policy.is_met([w.key for w in policy.witnesses])
