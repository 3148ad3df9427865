"""Names as they are written, by script, and letters to make more of."""

NAMES = {
    "English": "Amara Okafor",
    "one letter": "J",
    "Welsh": "Siân Ŵyn Ŷ",
    "Polish": "Łukasz Żółć",
    "Romanian": "Ștefania Țăranu",
    "Vietnamese": "Nguyễn Thị Ánh Tuyết",
    "Yoruba": "Ọládélé Ẹ̀kúndayọ̀",
    "Igbo": "Ụchenna Ṅkịrụka",
    "Ewe": "Ɛdem Ɛ̀gbɔ̃",
    "Greek": "Αλέξανδρος Παπαδόπουλος",
    "Cyrillic": "Олександра Ґалаґан",
    "Arabic": "محمد عبد الرحمن الخطيب",
    "Arabic with vowels": "مُحَمَّد لافي",
    "Urdu": "ڈاکٹر فاطمہ چوہدری",
    "Hebrew": "שרה כהן־לוי",
    "Devanagari": "दीपिका शर्मा",
    "Bengali": "অরুণিমা চট্টোপাধ্যায়",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Gujarati": "પ્રિયા પટેલ",
    "Tamil": "பிரியா சுப்பிரமணியம்",
    "Telugu": "వెంకట సుబ్బారావు",
    "Malayalam": "പ്രിയ നായർ",
    "Kannada": "ಶ್ರೀನಿವಾಸ ಗೌಡ",
    "Sinhala": "සුනිල් ශ්‍රී පෙරේරා",
    "Thai": "สมชาย ใจดี",
    "Lao": "ສົມສັກ",
    "Khmer": "សុខា ចាន់",
    "Burmese": "အောင်ဆန်း",
    "Ethiopic": "አበበ ቢቂላ",
    "Armenian": "Արամ Խաչատրյան",
    "Georgian": "ნინო ბერიძე",
    "simplified Chinese": "李小龙",
    "traditional Chinese": "陳慧嫻",
    "Japanese": "山田さくら",
    "Japanese katakana": "スズキ・マリー",
    "Korean": "김 민준",
    "two scripts": "Zoë محمد O’Brien",
    "three scripts": "Li 李小龙 Иван",
}


def _letters(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


def _coded(encoding: str, leads, trails) -> str:
    return "".join(bytes([lead, trail]).decode(encoding, "ignore") for lead in leads for trail in trails)


# Letters that stand on their own, so that any row of them is a name one could meet.
ALPHABETS = {
    "Latin": _letters((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x17F), (0x1E00, 0x1EF9)),
    "Latin beyond": _letters((0x180, 0x24F), (0x250, 0x2AF)),
    "Greek": _letters((0x388, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3CE)),
    "Cyrillic": _letters((0x400, 0x45F), (0x490, 0x4FF)),
    "Arabic": _letters((0x621, 0x63A), (0x641, 0x64A)) + "پچڈڑژکگںھہۃیے",
    "Hebrew": _letters((0x5D0, 0x5EA)),
    "Devanagari": _letters((0x905, 0x939)),
    "Bengali": "অআইঈউঊঋএঐওঔ" + _letters((0x995, 0x9A8), (0x9AA, 0x9B0), (0x9B6, 0x9B9)),
    "Gurmukhi": _letters((0xA15, 0xA28), (0xA2A, 0xA30)),
    "Gujarati": _letters((0xA95, 0xAA8), (0xAAA, 0xAB0)),
    "Tamil": "அஆஇஈஉஊஎஏஐஒஓஔகஙசஜஞடணதநனபமயரறலளழவஷஸஹ",
    "Sinhala": _letters((0xD9A, 0xDB1), (0xDB3, 0xDBB)),
    "Thai": _letters((0xE01, 0xE2E)),
    "Ethiopic": _letters((0x1200, 0x1247), (0x1260, 0x1287)),
    "Hiragana and katakana": _letters((0x3041, 0x3096), (0x30A1, 0x30FA)),
    "Korean": _letters((0xAC00, 0xD7A3)),
    # The first level of GB 2312 (simplified) and Big5 (traditional), and JIS X 0208: what is in daily use.
    "simplified Chinese": _coded("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
    "traditional Chinese": _coded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]),
    "Japanese": _coded("euc_jp", range(0xB0, 0xF5), range(0xA1, 0xFF)),
}
