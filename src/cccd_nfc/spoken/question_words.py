"""The wording of the security questions (R-054), by the names that the registry has for them."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

QUESTION_WORDS: Mapping[str, Text] = {
    "first-school": {"vi": "Trường học đầu tiên của bạn?", "en": "Your first school?"},
    "first-teacher": {"vi": "Giáo viên đầu tiên của bạn?", "en": "Your first teacher?"},
    "childhood-friend": {"vi": "Người bạn thời thơ ấu?", "en": "A friend of your childhood?"},
    "first-pet": {"vi": "Con vật nuôi đầu tiên?", "en": "Your first pet?"},
    "first-job": {"vi": "Công việc đầu tiên?", "en": "Your first job?"},
    "favourite-book": {"vi": "Cuốn sách yêu thích?", "en": "Your favourite book?"},
    "favourite-dish": {"vi": "Món ăn yêu thích?", "en": "Your favourite dish?"},
    "childhood-street": {"vi": "Con đường nơi bạn lớn lên?", "en": "The street where you grew up?"},
}
