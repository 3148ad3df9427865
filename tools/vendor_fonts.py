"""Fetch the fonts we bundle and write static/fonts/ with its index. Run by a person, not by the product.

    .venv/bin/python tools/vendor_fonts.py

Needs `npm` and fonttools[woff]. Every package is pinned; running it twice writes the same files.

Two kinds of package, for one reason. A letter and the accent above it must come from one font file,
or the accent lands beside the letter. The @fontsource packages cut a font into slices, which is right
for scripts that lie in one slice and for the Chinese, Japanese and Korean fonts, whose signs take no
accents. For Latin, Greek and Cyrillic it is wrong (a Yoruba `ẹ̀` needs two slices), so those come
whole from @expo-google-fonts and are only packed here.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"


class Pick(NamedTuple):
    """Which files to take from one package. `files` captures the part of the font (empty: all of it)."""

    family: str
    package: str
    files: str
    weight: int


def slices(family: str, name: str, part: str, weight: int, version: str = "5.3.0") -> Pick:
    pattern = rf"files/{name}-(?P<part>{part})-{weight}-normal\.woff2"
    return Pick(family, f"@fontsource/{name}@{version}", pattern, weight)


def whole(family: str, name: str, cut: str, weight: int, version: str) -> Pick:
    return Pick(family, f"@expo-google-fonts/{name}@{version}", rf"{cut}/\w+_{cut}\.ttf(?P<part>)", weight)


PICKS = [
    slices("Atkinson Hyperlegible Next", "atkinson-hyperlegible-next", "latin(?:-ext)?", 400),
    slices("Atkinson Hyperlegible Next", "atkinson-hyperlegible-next", "latin(?:-ext)?", 700),
    whole("Fraunces", "fraunces", "600SemiBold", 600, "0.4.1"),
    whole("Noto Sans", "noto-sans", "400Regular", 400, "0.4.2"),
    whole("Noto Sans", "noto-sans", "700Bold", 700, "0.4.2"),
    whole("Noto Serif", "noto-serif", "600SemiBold", 600, "0.4.2"),
    # Amiri keeps dotted letters whole. Noto draws dot and letter apart, and then no reader can copy the name.
    slices("Amiri", "amiri", "arabic", 700),
    slices("Noto Serif Hebrew", "noto-serif-hebrew", "hebrew", 600),
    slices("Noto Serif Devanagari", "noto-serif-devanagari", "devanagari", 600),
    slices("Noto Serif Bengali", "noto-serif-bengali", "bengali", 600),
    slices("Noto Sans Gurmukhi", "noto-sans-gurmukhi", "gurmukhi", 600),
    slices("Noto Serif Gujarati", "noto-serif-gujarati", "gujarati", 600),
    slices("Noto Serif Tamil", "noto-serif-tamil", "tamil", 600),
    slices("Noto Serif Telugu", "noto-serif-telugu", "telugu", 600),
    slices("Noto Sans Kannada", "noto-sans-kannada", "kannada", 600),
    slices("Noto Serif Malayalam", "noto-serif-malayalam", "malayalam", 600),
    slices("Noto Serif Sinhala", "noto-serif-sinhala", "sinhala", 600),
    slices("Noto Serif Thai", "noto-serif-thai", "thai", 600),
    slices("Noto Serif Lao", "noto-serif-lao", "lao", 600, "5.0.8"),
    slices("Noto Serif Khmer", "noto-serif-khmer", "khmer", 600),
    slices("Noto Serif Myanmar", "noto-serif-myanmar", "myanmar", 600),
    slices("Noto Sans Ethiopic", "noto-sans-ethiopic", "ethiopic", 600),
    slices("Noto Serif Armenian", "noto-serif-armenian", "armenian", 600),
    slices("Noto Serif Georgian", "noto-serif-georgian", "georgian", 600),
    slices("Noto Serif SC", "noto-serif-sc", r"\d+", 600),
    slices("Noto Serif TC", "noto-serif-tc", r"\d+", 600),
    slices("Noto Serif JP", "noto-serif-jp", r"\d+", 600),
    slices("Noto Serif KR", "noto-serif-kr", r"\d+", 600),
]


def fetch(package: str, folder: Path) -> dict[str, bytes]:
    """The package's files by their path in it, read from the tarball that npm hands over."""
    found = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True)
    with tarfile.open(folder / found.stdout.split()[-1]) as tarball:
        return {
            member.name.removeprefix("package/"): tarball.extractfile(member).read()
            for member in tarball
            if member.isfile()
        }


def packed(ttf: bytes) -> bytes:
    """A whole font as woff2, without screen hinting (we draw outlines only). Keeps every letter."""
    font = TTFont(BytesIO(ttf), recalcTimestamp=False)
    keep = Options(hinting=False, layout_features=["*"], name_IDs=["*"], notdef_outline=True)
    subsetter = Subsetter(keep)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def ranges(code_points) -> list[list[int]]:
    """[[first, last], …] of the code points, inclusive."""
    found = []
    for code in sorted(code_points):
        if found and code == found[-1][1] + 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def by_number(path: str) -> list:
    """Sort key that puts slice 9 before slice 10."""
    return [int(bit) if bit.isdigit() else bit for bit in re.split(r"(\d+)", path)]


def vendor() -> None:
    shutil.rmtree(FONTS, ignore_errors=True)
    FONTS.mkdir(parents=True)
    packages, faces, fetched = [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        for pick in PICKS:
            name = pick.package.rpartition("@")[0].rpartition("/")[2]
            if pick.package not in fetched:
                fetched[pick.package] = fetch(pick.package, Path(folder))
                (FONTS / name).mkdir()
                content = fetched[pick.package]
                licence = content.get("LICENSE_FONT") or content["LICENSE"]
                (FONTS / name / "LICENSE.txt").write_bytes(licence)
                packages.append({"package": pick.package, "licence": f"{name}/LICENSE.txt"})
            content = fetched[pick.package]
            chosen = [path for path in content if re.fullmatch(pick.files, path)]
            assert chosen, f"nothing in {pick.package} looks like {pick.files}"
            for path in sorted(chosen, key=by_number):
                body = packed(content[path]) if path.endswith(".ttf") else content[path]
                file = f"{name}/{Path(path).stem}.woff2"
                (FONTS / file).write_bytes(body)
                faces.append(
                    {
                        "file": file,
                        "family": pick.family,
                        "part": re.fullmatch(pick.files, path)["part"],
                        "weight": pick.weight,
                        "sha256": hashlib.sha256(body).hexdigest(),
                        "ranges": ranges(TTFont(BytesIO(body)).getBestCmap()),
                    }
                )
            print(f"{pick.package}: {len(chosen)} of weight {pick.weight}")
    lines = ",\n".join(json.dumps(face, separators=(",", ":")) for face in faces)
    head = json.dumps(packages, indent=1)
    (FONTS / "index.json").write_text(f'{{"packages": {head},\n"faces": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    vendor()
