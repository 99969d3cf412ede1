"""What is read of the lists of digests that cameras and their programs write, whatever is in them?"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.media.digest_files import (
    MOST_BYTES,
    PartNames,
    Stated,
    Unread,
    is_digest_file,
    read_digests,
)

MD5, SHA1, SHA256, SHA512 = (
    hashlib.new(name, b"footage").hexdigest() for name in ("md5", "sha1", "sha256", "sha512")
)
A = "DCIM/100TEST/CLIP0001.MP4"


@pytest.mark.parametrize(
    "content,stated",
    [
        (f"{MD5}  CLIP.MP4\n", Stated("md5", MD5, "CLIP.MP4")),
        (f"{MD5} *CLIP.MP4\r\n", Stated("md5", MD5, "CLIP.MP4")),
        (f"{MD5.upper()} *DCIM\\100TEST\\CLIP.MP4\r\n", Stated("md5", MD5, "DCIM\\100TEST\\CLIP.MP4")),
        (f"\\{MD5}  a\\nb\\\\c.mp4\n", Stated("md5", MD5, "a\nb\\c.mp4")),
        (f"MD5 (CLIP (1).MP4) = {MD5}\n", Stated("md5", MD5, "CLIP (1).MP4")),
        (f"SHA2-256(CLIP.MP4)= {SHA256}\n", None),
        (f"SHA256(CLIP.MP4)= {SHA256}\n", Stated("sha256", SHA256, "CLIP.MP4")),
        (f"SHA512 (CLIP.MP4) = {SHA512}", Stated("sha512", SHA512, "CLIP.MP4")),
        (MD5, Stated("md5", MD5)),
        (f"  {SHA1}\t\r\n", Stated("sha1", SHA1)),
        (f"{SHA256}\x1a", Stated("sha256", SHA256)),
        (f"MD5: {MD5}", Stated("md5", MD5)),
        (f"SHA-1={SHA1}", Stated("sha1", SHA1)),
        (f"SHA-256 = {SHA256.upper()}", Stated("sha256", SHA256)),
        (f"CLIP.MP4 {MD5}\n", Stated("md5", MD5, "CLIP.MP4")),
        (f"CLIP 1.MP4: {MD5}\n", Stated("md5", MD5, "CLIP 1.MP4")),
        (f"; written by a program\n# {MD5}\n\n{SHA1}  CLIP.MP4", Stated("sha1", SHA1, "CLIP.MP4")),
        (f"MD5 (CLIP.MP4) = {SHA1}\n", None),
        (f"{MD5[:-1]}  CLIP.MP4\n", None),
        (f"{MD5}0  CLIP.MP4\n", None),
        ("MD5 of the clip\n", None),
        ("", None),
    ],
)
def test_one_digest_is_read_in_every_form_that_programs_write(content: str, stated: Stated | None) -> None:
    for bytes_of in (content.encode(), b"\xef\xbb\xbf" + content.encode(), content.encode("utf-16")):
        found = read_digests("CLIP.md5", bytes_of)
        assert found == (Unread.NO_DIGEST if stated is None else (stated,)), bytes_of


@pytest.mark.parametrize(
    "program",
    [
        ("md5sum",), ("md5sum", "--binary"), ("md5sum", "--tag"), ("sha1sum",), ("sha256sum", "--tag"),
        ("sha384sum",), ("sha512sum",), ("openssl", "dgst", "-md5"), ("openssl", "dgst", "-sha1", "-r"),
    ],
)  # fmt: skip
def test_what_real_programs_write_is_read(tmp_path: Path, program: tuple[str, ...]) -> None:
    """Also of names with a line feed, a backslash, a bracket and what is not ASCII."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not here")
    names = ["CLIP 1.MP4", "ü (2) = x.mp4", *(["a\nb.mp4", "c\\d.mp4"] if program[0] != "openssl" else [])]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    output = subprocess.run([*program, *names], cwd=tmp_path, capture_output=True, check=True)
    found = read_digests("CLIP.md5", output.stdout)
    assert not isinstance(found, Unread)
    assert [(one.name, one.digest) for one in found] == [
        (name, hashlib.new(one.algorithm, name.encode()).hexdigest())
        for name, one in zip(names, found, strict=True)
    ]


@pytest.mark.parametrize(
    "path,content,why",
    [
        ("a.md5", b"\0\1\2" * 100, Unread.NOT_TEXT),
        ("a.sig", b"0\x82\1\0", Unread.SIGNATURE),
        ("a.sig", b"-----BEGIN PGP SIGNATURE-----\n", Unread.SIGNATURE),
        ("a.md5", b" " * (MOST_BYTES + 1), Unread.TOO_LONG),
        ("a.md5", b"\xff\xfe\0", Unread.NO_DIGEST),
    ],
)
def test_what_is_no_list_says_why(path: str, content: bytes, why: Unread) -> None:
    assert read_digests(path, content) is why


def test_a_signature_file_with_a_digest_is_a_digest_file() -> None:
    assert read_digests("a.SIG", SHA256.encode()) == (Stated("sha256", SHA256),)


@pytest.mark.parametrize(
    "name,part",
    [
        ("", 0),
        ("CLIP0001.MP4", 0),
        ("clip0001.mp4", 0),
        ("./CLIP0001.GPS", 1),
        ("100TEST/CLIP0001.MP4", 0),
        ("D:\\DCIM\\100TEST\\CLIP0001.MP4", 0),
        ("/media/card/DCIM/100TEST/CLIP0001.MP4", 0),
        ("../../../DCIM/100TEST/CLIP0001.MP4", 0),
        ("../../../../etc/passwd", None),
        ("..", None),
        ("/", None),
        ("101TEST/CLIP0001.MP4", None),
        ("CLIP0002.MP4", None),
        ("LIP0001.MP4", None),
        ("CLIP0001.MP4/", 0),
        ("CLIP0001.MP4/..", None),
        ("\x1b[31mCLIP0001.MP4", None),
    ],
)
def test_a_name_is_that_of_a_file_whose_folders_agree_as_far_as_both_are_known(
    name: str, part: int | None
) -> None:
    assert PartNames([A, "DCIM/100TEST/CLIP0001.GPS"]).part(name) == part


@given(st.binary(max_size=4096), st.sampled_from(["a.md5", "a.sig", "a.sha256"]))
def test_no_content_is_more_than_read(content: bytes, path: str) -> None:
    found = read_digests(path, content)
    for one in found if not isinstance(found, Unread) else ():
        assert bytes.fromhex(one.digest)
        assert PartNames([A]).part(one.name) in {0, None}


def test_nothing_is_found_in_text_made_to_be_matched_slowly() -> None:
    for line in (
        " a" * 1024,
        "a" + " " * 2047,
        "(" * 2048,
        ") = " * 512,
        "0" * 2048,
        "\\" * 2048,
        "a=" * 1024,
    ):
        many = ("\n".join([line] * 32)).encode()[: MOST_BYTES - 6]
        assert read_digests("a.md5", many) is Unread.NO_DIGEST, line[:8]
        assert read_digests("a.md5", b"SHA1 (" + many) is Unread.NO_DIGEST, line[:8]
    assert read_digests("a.md5", b"\n" * MOST_BYTES) is Unread.NO_DIGEST


def test_the_same_line_a_thousand_times_is_one_digest() -> None:
    assert read_digests("a.md5", f"{MD5}  x\n".encode() * 1000) == (Stated("md5", MD5, "x"),)


def test_files_are_known_by_their_extension() -> None:
    assert [is_digest_file(f"A/CLIP.{e}") for e in ("MD5", "sig", "sha512", "gps")] == [
        True,
        True,
        True,
        False,
    ]


def test_of_two_files_of_one_name_that_is_meant_whose_folders_agree() -> None:
    names = PartNames(["A/100/C.MP4", "B/100/C.MP4"])
    assert [names.part(name) for name in ("C.MP4", "B/100/C.MP4", "100/c.mp4", "C/100/C.MP4")] == [
        0,
        1,
        0,
        None,
    ]


@given(st.integers(0, 4000), st.sampled_from(("\n", "\r\n", "#\n", f"{'f' * 32}  o\n")))
def test_a_line_is_found_wherever_it_is_in_a_file_that_is_read(before: int, other: str) -> None:
    """That a list is of other files is said of nothing that was not read to its end."""
    content = (other * before + f"{MD5}  CLIP0001.MP4\n").encode()
    found = read_digests("a.md5", content)
    if len(content) > MOST_BYTES:
        assert found is Unread.TOO_LONG
    else:
        assert Stated("md5", MD5, "CLIP0001.MP4") in found
