"""The questions that an owner may answer, and how an answer is written before it is hashed (R-054, S-20)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from cccd_nfc.errors import UsageError

QUESTIONS = (
    "first-school",
    "first-teacher",
    "childhood-friend",
    "first-pet",
    "first-job",
    "favourite-book",
    "favourite-dish",
    "childhood-street",
)
"""Names of the questions; a face of the registry has their wording."""
WANTED = 3
LONGEST_ANSWER = 100

Answers = Sequence[tuple[str, str]]
"""(name of the question, answer), in the order in which they were chosen."""


def normalised_answer(answer: str) -> str:
    """The answer in small letters, its blanks single, in NFC: how it was typed does not matter."""
    small = unicodedata.normalize("NFC", answer).casefold()
    return unicodedata.normalize("NFC", " ".join(small.split()))


def check_answers(answers: Answers) -> tuple[tuple[str, str], ...]:
    """The three answers normalised; UsageError for another number, an unknown or repeated question, an empty answer."""
    questions = [question for question, _ in answers]
    texts = [normalised_answer(answer) for _, answer in answers]
    if len(questions) != WANTED:
        raise UsageError("three questions are to be answered")
    if not set(questions) <= set(QUESTIONS):
        raise UsageError("the question is not on the list")
    if not all(texts) or any(len(text) > LONGEST_ANSWER for text in texts):
        raise UsageError("an answer has 1 to 100 characters")
    if len(set(questions)) < WANTED or len(set(texts)) < WANTED:
        raise UsageError("three different questions with three different answers are wanted")
    return tuple(zip(questions, texts, strict=True))
