import subprocess
import sys

import pytest
import torch

from bn_course.nets import text
from bn_course.nets.text import ALPHABET, characters, decode, encode, names_text, shuffled, windows


def test_the_names_are_those_of_unicode_3_2():
    assert len(characters()) == 12_886
    assert characters()[0] == ("SPACE", "Zs")
    assert ("GREEK SMALL LETTER GAMMA", "Ll") in characters()
    assert not any(name.startswith("HANGUL SYLLABLE") for name, _ in characters())


def test_other_names_are_refused(monkeypatch):
    monkeypatch.setattr(text, "DIGEST", "0" * 16)
    with pytest.raises(RuntimeError, match="gives other names"):
        characters.__wrapped__()


def test_the_order_does_not_depend_on_the_process():
    code = "from bn_course.nets.text import shuffled; print(shuffled()[0][0])"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == shuffled()[0][0]
    assert shuffled() != list(characters())
    assert sorted(shuffled()) == sorted(characters())


def test_parts_hold_every_name_once():
    lines = [
        line
        for part in (names_text().train, names_text().validation, names_text().test)
        for line in decode(part).splitlines()
    ]
    assert sorted(lines) == sorted(name for name, _ in characters())
    assert len(names_text().train) > 7 * len(names_text().test)


def test_encode_and_decode():
    assert decode(encode("GREEK SMALL LETTER GAMMA\n")) == "GREEK SMALL LETTER GAMMA\n"
    with pytest.raises(ValueError, match=r"text holds \['a'\]; it needs"):
        encode("Aa")
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_windows_are_pieces_of_the_stream():
    stream = torch.arange(100)
    pieces = windows(stream, 50, 8, seed=0)
    assert pieces.shape == (50, 9)
    assert (pieces.diff(dim=1) == 1).all()
    assert pieces.max() <= 99
    torch.testing.assert_close(pieces, windows(stream, 50, 8, seed=0))
    assert not torch.equal(pieces, windows(stream, 50, 8, seed=1))
