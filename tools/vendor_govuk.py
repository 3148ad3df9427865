"""Fetch govuk-frontend and write static/vendor/govuk/ and the examples our tests hold us to. Run by a person.

    .venv/bin/python tools/vendor_govuk.py

Needs `npm`. We are not GOV.UK, so the crest and the font GDS Transport, which only GOV.UK may use, are taken out. The
version is the one that govuk-frontend-jinja in requirements.in was made for.
"""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

from vendor_fonts import fetch

PACKAGE = "govuk-frontend@6.3.0"
ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "vendor" / "govuk"
EXAMPLES = ROOT / "tests" / "vendor" / "govuk-frontend-fixtures.json"
FONT_STACK = '"Atkinson Hyperlegible Next",arial,sans-serif'
SOURCE_MAP = re.compile(r"\s*(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*)\s*")

LICENCE = """\
The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def our_style(css: str) -> str:
    """The style sheet without GOV.UK's own font and crest."""
    css = re.sub(r"@font-face\{font-family:GDS Transport[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", FONT_STACK)
    css = re.sub(r"url\(/assets/images/govuk-crest\.svg\)", "none", css)
    css = re.sub(r"\.govuk-footer__crown\{[^}]*\}", "", css)
    return SOURCE_MAP.sub("", css) + "\n"


def vendor() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = fetch(PACKAGE, Path(folder))
    files = {
        "govuk-frontend.min.css": our_style(package["dist/govuk/govuk-frontend.min.css"].decode()),
        "govuk-frontend.min.js": SOURCE_MAP.sub("", package["dist/govuk/govuk-frontend.min.js"].decode()) + "\n",
        "LICENSE.txt": LICENCE,
    }
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    index = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    (FOLDER / "index.json").write_text(json.dumps({"package": PACKAGE, "sha256": index}, indent=1) + "\n")

    examples = [
        {"component": told["component"], "name": each["name"], "options": each["options"], "html": each["html"]}
        for path in sorted(package)
        if re.fullmatch(r"dist/govuk/components/[^/]+/fixtures\.json", path)
        for told in [json.loads(package[path])]
        for each in told["fixtures"]
    ]
    lines = ",\n".join(json.dumps(example, separators=(",", ":")) for example in examples)
    EXAMPLES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{PACKAGE}: {len(files)} files, {len(examples)} examples")


if __name__ == "__main__":
    vendor()
