"""On which line of a TOML file each key stands, so that a problem can be found by eye.

TOML readers give values without their places. Here the file, already known to be good TOML, is cut into its
statements (a table's heading, or a key with its value) and each is read again by itself.
"""

import re
import tomllib

# Whatever may hold a bracket or a line break that does not count, then those that do.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'" r"|\#[^\n]*" r"|[\[\]{}]|\n",
    re.DOTALL,
)


def find_lines(text: str) -> dict[tuple, int]:
    """The line of every key path, such as ("bands", 2, "rates", 0, "amount")."""
    lines: dict[tuple, int] = {}
    current: dict[tuple, int] = {}  # of each list of tables, which entry is being filled
    table: tuple = ()
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.startswith("["):
            table = _heading_path(parsed, current)
            _note(lines, table, line)
        else:
            _note_all(lines, table, parsed, line)
    return lines


def line_of(path: tuple, lines: dict[tuple, int]) -> int | None:
    """The line of a path, or of its nearest ancestor when the key itself is missing. None without a file."""
    if not lines:
        return None
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def syntax_error_line(text: str, error: tomllib.TOMLDecodeError) -> int:
    """The line that a TOML reader stopped at."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else max(text.rstrip().count("\n") + 1, 1)


def _statements(text: str):
    """Each statement with the line it begins on."""
    depth = begins = 0
    line = first_line = 1
    for token in _TOKEN.finditer(text + "\n"):
        mark = token[0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        line += mark.count("\n")
        if mark == "\n" and depth == 0:
            statement = text[begins : token.end()].strip()
            if statement and not statement.startswith("#"):
                yield first_line, statement
            begins, first_line = token.end(), line


def _heading_path(parsed: dict, current: dict[tuple, int]) -> tuple:
    """Where [a.b] or [[a.b]] leads, with the entry of each list of tables on the way."""
    path: tuple = ()
    while parsed:
        (key, parsed), *_ = parsed.items()
        path += (key,)
        if isinstance(parsed, list):
            current[path] = current.get(path, -1) + 1
            parsed = {}
        if path in current:
            path += (current[path],)
    return path


def _note(lines: dict[tuple, int], path: tuple, line: int):
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], line)


def _note_all(lines: dict[tuple, int], path: tuple, value, line: int):
    _note(lines, path, line)
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        _note_all(lines, (*path, key), entry, line)
