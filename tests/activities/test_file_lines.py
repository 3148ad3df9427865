"""Finding the line of a key in a TOML file, however it was written."""

import tomllib

from activities.file_lines import find_lines, line_of

TRICKY = '''\
# a comment with [brackets] and "quotes
a.b = "# no comment, [no] {table}"   # [[x]]
"odd key" = \'single \\\'
long = """
[not.a.heading]
x = 1 \\"""
"""
list = [
    1, # one ]
    { deep = ["]"] },
]

[table . "q.r"]
inside = 1

[[rows]]
name = "first"
[[rows.parts]]
n = 1
[[rows.parts]]
n = 2
[rows.more]
m = 1
[[rows]]
[[rows.parts]]
n = 3
'''


def test_every_key_has_the_line_it_stands_on():
    lines = find_lines(TRICKY)
    assert tomllib.loads(TRICKY)["rows"][1]["parts"][0]["n"] == 3
    assert lines["a", "b"] == 2
    assert lines[("odd key",)] == 3
    assert lines[("long",)] == 4
    assert lines["list", 1, "deep", 0] == 8
    assert lines["table", "q.r", "inside"] == 14
    assert lines["rows", 0, "name"] == 17
    assert lines["rows", 0, "parts", 1, "n"] == 21
    assert lines["rows", 0, "more", "m"] == 23
    assert lines["rows", 1] == 24
    assert lines["rows", 1, "parts", 0, "n"] == 26


def test_a_missing_key_is_sent_to_its_nearest_table():
    lines = find_lines(TRICKY)
    assert line_of(("rows", 1, "name"), lines) == 24
    assert line_of(("rows", 0, "parts", 1, "x", "y"), lines) == 20
    assert line_of(("nowhere",), lines) == 1
    assert line_of(("nowhere",), {}) is None


def test_windows_line_ends_count_once():
    assert find_lines(TRICKY.replace("\n", "\r\n"))["rows", 1] == 24
