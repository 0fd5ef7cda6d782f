"""Korean particles: the ending that fits the word before it, however the word is written."""

from __future__ import annotations

_PAIRS = {
    "을": ("을", "를"),
    "이": ("이", "가"),
    "은": ("은", "는"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
}
# The last sound of a digit or letter as Koreans read it: True for a closing consonant, "ㄹ" for that one.
_READ: dict[str, bool | str] = {
    **dict.fromkeys("24590ABCDEFGHIJKOPQSTUVWXYZ", False),
    **dict.fromkeys("036MN", True),
    **dict.fromkeys("178LR", "ㄹ"),
}


def _closing(text: str) -> bool | str:
    """Whether the word ends in a consonant; ``"ㄹ"`` for that one, which counts as open before 으로."""
    for character in reversed(text):
        if "가" <= character <= "힣":
            final = (ord(character) - 0xAC00) % 28
            return "ㄹ" if final == 8 else final > 0
        if character.isalnum():
            return _READ.get(character.upper(), False)
    return False


def with_particle(text: str, particle: str) -> str:
    """The word with its particle, named by the form after a consonant: ``을 이 은 과 으로``.

    >>> with_particle("부산", "으로"), with_particle("서울", "으로"), with_particle("관세사", "이")
    ('부산으로', '서울로', '관세사가')
    """
    after_consonant, after_vowel = _PAIRS[particle]
    closing = _closing(text)
    if particle == "으로" and closing == "ㄹ":
        return text + after_vowel
    return text + (after_consonant if closing else after_vowel)
