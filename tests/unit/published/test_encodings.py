"""Ensures that text is read in the encoding it is written in, and that a guess is told."""

import codecs

import pytest

from segmentation.published.encodings import delimiter_of, encoding_of, is_torn
from segmentation.published.score_inputs import Damaged, read_rows
from segmentation.published.served import CommandError

TEXT = "key,city\nKöln-7,Zürich\nKàln-7,Genève\n"
GUESSED = ["latin-1", "cp1252", "cp437"]
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", *GUESSED]


@pytest.fixture
def read(tmp_path):
    def inputs(content, kind="csv", **options):
        path = tmp_path / f"input.{kind}"
        path.write_bytes(content)
        return read_rows(str(path), None, **options)

    return inputs


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_is_read_in_whatever_it_is_written_in(read, codec):
    inputs = read(TEXT.encode(codec))
    assert [row["key"] for row in inputs.rows] == ["Köln-7", "Kàln-7"]
    assert bool(inputs.remarks) == (codec in GUESSED)


@pytest.mark.parametrize("codec", CODECS)
def test_so_is_json(read, codec):
    (row,) = read('[{"key": "Köln-7"}]'.encode(codec), "json").rows
    assert row == {"key": "Köln-7"}


def test_what_is_only_in_windows_1252_is_read_as_that(read):
    inputs = read("key\n5 €\n".encode("cp1252"))
    assert list(inputs.rows) == [{"key": "5 €"}]
    assert "is not UTF-8 and was read as Windows-1252; --encoding says" in inputs.remarks[0]


def test_marks_beside_letters_are_no_accents_of_code_page_437(read):
    inputs = read("key\n“L’Œuvre” — Škoda…\n".encode("cp1252"))
    assert list(inputs.rows) == [{"key": "“L’Œuvre” — Škoda…"}]


def test_an_encoding_that_is_told_is_no_guess(read):
    inputs = read("key\nKöln\n".encode("cp437"), encoding="cp437")
    assert list(inputs.rows) == [{"key": "Köln"}] and inputs.remarks == ()


def test_torn_letters_among_whole_ones_cost_their_rows_only(read):
    content = "key\nKöln\nZürich\n".encode() + b"Gen\xe8ve\n" + "Malmö\n".encode()
    rows = list(read(content).rows)
    assert rows == [
        {"key": "Köln"},
        {"key": "Zürich"},
        Damaged("line 4 has characters that are not UTF-8"),
        {"key": "Malmö"},
    ]
    with pytest.raises(CommandError, match="is not UTF-8 text"):
        read('[{"a": "Köln, Zürich'.encode() + b'\xe8"}]', "json")


@pytest.mark.parametrize(
    ("content", "wanted", "words"),
    [
        (b"a\n1\n", "klingon", "There is no encoding 'klingon': say --encoding utf-8, utf-16"),
        (b"a\n\xe8\n", "utf-8", "is not UTF-8 text from byte 2 on"),
        (codecs.BOM_UTF16_LE + b"a\x00\n", None, "is not UTF-16 text"),
        (codecs.BOM_UTF8 + b"a\n\xe8\n", None, "is not UTF-8 text from byte"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(content, wanted, words):
    with pytest.raises(CommandError, match=words):
        encoding_of(content, wanted, "members.csv")


@pytest.mark.parametrize(
    ("header", "mark"),
    [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a|b|c", "|"), ("a", ","), ('"a;b;c",d', ",")],
)
def test_the_header_says_what_parts_the_fields(header, mark):
    assert delimiter_of(header) == mark


def test_torn_text_is_told_from_text():
    assert is_torn(b"a\xe8".decode("utf-8", errors="surrogateescape"))
    assert not is_torn("aè\ud83d")
