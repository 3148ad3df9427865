"""Reads back what a PDF of ours says and draws: its texts, its tags, and the glyphs behind them."""

import io
import re
from dataclasses import dataclass, field

import pikepdf
from fontTools.ttLib import TTFont


@dataclass
class Page:
    texts: list[str] = field(default_factory=list)  # as a screen reader gets them
    languages: list[str | None] = field(default_factory=list)
    glyphs: set[tuple[str, int, str]] = field(default_factory=set)  # font, number, the letters it stands for
    untagged: list[str] = field(default_factory=list)  # painted outside any tag or artifact


class Reading:
    def __init__(self, pdf: bytes):
        self.pdf = pikepdf.open(io.BytesIO(pdf))
        self.properties = {name: str(value) for name, value in self.pdf.docinfo.items()}
        self.tags = list(_tags(self.pdf.Root.StructTreeRoot.K))
        self.fonts = {}
        self.pages = [self._page(page) for page in self.pdf.pages]

    @property
    def text(self) -> str:
        return " ".join(text for page in self.pages for text in page.texts)

    def kinds(self) -> list[str]:
        return [str(tag.S)[1:] for tag in self.tags]

    def under(self, kind: str) -> list[str]:
        """The text under each tag of that kind."""
        page = self.pages[0]
        return [
            " ".join(page.texts[k] for inner in _tags([tag]) for k in _kids(inner) if isinstance(k, int))
            for tag in self.tags
            if str(tag.S) == f"/{kind}"
        ]

    def _page(self, page) -> Page:
        by_tag = {
            int(kids[0]): str(tag.ActualText)
            for tag in self.tags
            if "/ActualText" in tag and tag.Pg.objgen == page.obj.objgen and isinstance((kids := _kids(tag))[0], int)
        }
        read, font, open_marks, letters = Page(), None, [], ""
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                properties = operands[1] if name == "BDC" else {}
                open_marks.append(properties)
                letters = ""
            elif name == "EMC":
                properties = open_marks.pop()
                if "/MCID" in properties:
                    said = properties.get("/ActualText", by_tag.get(int(properties["/MCID"]), letters))
                    read.texts.append(str(said))
                    read.languages.append(str(properties["/Lang"]) if "/Lang" in properties else None)
            elif name == "Tf":
                font = self._font(page, str(operands[0]))
            elif name in ("TJ", "Tj"):
                for piece in operands[0] if name == "TJ" else operands:
                    if isinstance(piece, pikepdf.String):
                        for number in _numbers(bytes(piece)):
                            letters += font[1].get(number, "")
                            read.glyphs.add((font[0], number, font[1].get(number, "")))
            if name in ("TJ", "Tj", "f", "S", "Do") and not open_marks:
                read.untagged.append(name)
        return read

    def _font(self, page, name: str):
        if name not in self.fonts:
            font = page.Resources.Font[name]
            file = font.DescendantFonts[0].FontDescriptor.get("/FontFile2")
            known = {
                int(number, 16): bytes.fromhex(letters).decode("utf-16-be")
                for number, letters in re.findall(r"<(\w{4})> <(\w*)>", font.ToUnicode.read_bytes().decode())
            }
            self.fonts[name] = (str(font.BaseFont), known, TTFont(io.BytesIO(file.read_bytes())) if file else None)
        return self.fonts[name]

    def boxes(self) -> list[tuple[str, int, str]]:
        """Glyphs that are not the letter's own: number 0, or no outline for something that is seen."""
        outlines = {name: font for name, _, font in self.fonts.values()}
        return [
            (name, number, letters)
            for page in self.pages
            for name, number, letters in page.glyphs
            if number == 0 or (letters.strip() and not _has_outline(outlines[name], number))
        ]


def _has_outline(font: TTFont, number: int) -> bool:
    return font["glyf"][font.getGlyphName(number)].numberOfContours != 0


def _numbers(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _kids(tag) -> list:
    kids = tag.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _tags(kids):
    for kid in kids:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _tags(_kids(kid))
