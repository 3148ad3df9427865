"""Tagged PDF (PDF/UA-1) from HTML that is ours, with our own fonts, quickly.

`render_pdfs` lays many sheets out together and writes each as its own file. Three things make that
quick, and all are kept for the life of the process: one font configuration (unpacking a font is most of
the work otherwise), parsed style sheets and parsed artwork.

Nothing is read from the network or from a path while drawing: the only addresses that answer are
`asset:NAME`, for the files under `static/documents/` and the bundled fonts. Any other one stops the work.
"""

import threading
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from html import escape, unescape
from pathlib import Path
from xml.etree import ElementTree

from django.utils.html import strip_tags

from eligibility import fonts

ASSETS = Path(__file__).resolve().parent.parent / "static" / "documents"
KINDS = {".css": "text/css", ".svg": "image/svg+xml"}
LANGUAGE = "en-GB"


class PdfEngineMissing(Exception):
    """The system libraries that WeasyPrint draws with are not installed."""

    def __init__(self):
        super().__init__(
            "PDFs cannot be made on this computer yet. Install what they need with: "
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        )


class OutsideRequest(Exception):
    """A document asked for something that is not bundled. Nothing was fetched or drawn."""


class CannotDraw(Exception):
    """No bundled font has these characters. Nothing was drawn."""

    def __init__(self, characters: Sequence[str]):
        self.characters = list(characters)
        listed = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        super().__init__(f"We have no font for: {listed}")


@dataclass(frozen=True)
class Sheet:
    """One PDF to be: a title for the window, an HTML body, and the day it belongs to.

    `stacks` are the fonts the body uses: first that of its running text, then any it sets itself. Left
    empty, the running text's is found from the body.
    """

    title: str
    body: str
    dated: date
    stacks: tuple[fonts.Stack, ...] = ()


def engine_problem() -> str | None:
    """Why no PDF can be made here, as a sentence for the health page. None: all is well."""
    try:
        _engine()
    except PdfEngineMissing as missing:
        return str(missing)
    return None


def render_pdfs(sheets: Sequence[Sheet], *, css: str) -> list[bytes]:
    """Each sheet as a tagged PDF, in order. `css` names a file in `static/documents/`.

    The same sheets give the same bytes: dates come from the sheet, not from the clock. Raises
    PdfEngineMissing, and CannotDraw before anything is drawn. Twenty to fifty sheets at a time are
    quickest; memory grows with their number.
    """
    if not sheets:
        return []
    engine = _engine()
    stacks = [sheet.stacks or (fonts.stack(unescape(strip_tags(sheet.body))),) for sheet in sheets]
    used = [stack for of_sheet in stacks for stack in of_sheet]
    if lacking := dict.fromkeys(character for stack in used for character in stack.missing):
        raise CannotDraw(list(lacking))
    with engine.lock, engine.outside_requests_named():
        engine.load([part for stack in used for part in stack.parts])
        document = engine.lay_out(_as_one_document(sheets, [of_sheet[0] for of_sheet in stacks]), css)
        return [
            engine.write(document, pages, sheet) for sheet, pages in zip(sheets, _pages_by_sheet(document), strict=True)
        ]


def _as_one_document(sheets: Sequence[Sheet], stacks: Sequence[fonts.Stack]) -> str:
    bodies = "".join(
        f'<article id="sheet-{number}" style="break-before: page; font-family: {escape(stack.css)}">'
        f"{sheet.body}</article>"
        for number, (sheet, stack) in enumerate(zip(sheets, stacks, strict=True))
    )
    return f'<!doctype html><html lang="{LANGUAGE}"><head><title>-</title></head><body>{bodies}</body></html>'


def _pages_by_sheet(document) -> list[list]:
    """The document's pages, cut where a new sheet's anchor appears."""
    found: list[list] = []
    for page in document.pages:
        # The anchor is taken out: what stands beside a sheet is not to be told by its file.
        if page.anchors.pop(f"sheet-{len(found)}", None):
            found.append([])
        found[-1].append(page)
    return found


class _Engine:
    """What is kept between documents. Pango is not safe across threads, hence the lock."""

    def __init__(self):
        try:
            import weasyprint
            from weasyprint.text.fonts import FontConfiguration
        except OSError as error:
            raise PdfEngineMissing from error
        self.weasyprint = weasyprint
        self.lock = threading.Lock()
        self.fetcher = _bundled_only()
        self.fonts = FontConfiguration()
        self.loaded: set[str] = set()
        self.sheets: dict[str, object] = {}
        self.images = _artwork(self.fetcher)

    @contextmanager
    def outside_requests_named(self):
        """WeasyPrint stops with a BaseException, which would take a worker down with it."""
        try:
            yield
        except self.weasyprint.urls.FatalURLFetchingError as error:
            raise OutsideRequest(str(error)) from None

    def load(self, parts: Sequence[fonts.Part]) -> None:
        """Unpack the fonts that are not there yet. Parsing the rule is what loads the file."""
        for part in parts:
            if part.css_name in self.loaded:
                continue
            self.weasyprint.CSS(
                string="".join(
                    f"@font-face {{ font-family: '{part.css_name}'; font-weight: {weight}; "
                    f"src: url('asset:fonts/{file}') }}"
                    for weight, file in part.files
                ),
                font_config=self.fonts,
                url_fetcher=self.fetcher,
            )
            self.loaded.add(part.css_name)

    def lay_out(self, html: str, css: str):
        if css not in self.sheets:
            self.sheets[css] = self.weasyprint.CSS(url=f"asset:{css}", font_config=self.fonts, url_fetcher=self.fetcher)
        return self.weasyprint.HTML(
            string=html, url_fetcher=self.fetcher, base_url="asset:", media_type="print"
        ).render(font_config=self.fonts, stylesheets=[self.sheets[css]], cache=self.images)

    def write(self, document, pages: list, sheet: Sheet) -> bytes:
        """`copy` keeps the tag tree, which taking a finished file apart would lose."""
        from weasyprint.document import DocumentMetadata

        readings = [_Reading(page) for page in pages]
        copied = document.copy(pages)
        copied.metadata = DocumentMetadata(
            title=sheet.title,
            lang=LANGUAGE,
            created=sheet.dated.isoformat(),
            modified=sheet.dated.isoformat(),
        )
        return copied.write_pdf(pdf_variant="pdf/ua-1", finisher=partial(_tell_readings, readings))


@cache
def _engine() -> _Engine:
    return _Engine()


class _Reading:
    """Says for each piece of text on a page what it reads and, if not English, in what language.

    A PDF keeps shapes; a program that reads it guesses the letters back, one shape at a time. That guess
    fails where letters and shapes are not one to one: stacked accents, most Indian scripts. ActualText
    gives it the letters themselves. For text from right to left it goes on the tag above instead: screen
    readers look there, while programs that only pull out text would turn it round a second time.
    """

    def __init__(self, page):
        self.on_tags: dict[int, str] = {}
        self._page, self._paint = page, type(page).paint
        page.paint = self.paint

    def paint(self, stream, scale=1) -> None:
        from pydyf import Dictionary, String

        self._paint(self._page, stream, scale)
        marked = {item["MCID"]: item for item in stream.stream if isinstance(item, Dictionary) and "MCID" in item}
        for box, mark in stream._tags.items():
            text = getattr(box, "text", "")
            if not text:
                continue
            if fonts.has_right_to_left(text):
                self.on_tags[mark["mcid"]] = text
            else:
                marked[mark["mcid"]]["ActualText"] = String(text)
            if box.style["lang"] not in (None, LANGUAGE):
                marked[mark["mcid"]]["Lang"] = String(box.style["lang"])


def _tell_readings(readings: list[_Reading], document, pdf) -> None:
    """Put on the tags what the pages kept for them."""
    from pydyf import Dictionary, String

    by_page = dict(zip(pdf.page_references, readings, strict=True))
    for item in pdf.objects:
        if isinstance(item, Dictionary) and item.get("S") == "/Span" and len(item["K"]) == 1:
            text = by_page[item["Pg"]].on_tags.get(item["K"][0])
            if text:
                item["ActualText"] = String(text)


def _bundled_only():
    """The only source of files while drawing: our own, from memory or the bundle, or an error that stops it."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class BundledOnly(URLFetcher):
        def fetch(self, url, headers=None):
            scheme, _, name = url.partition(":")
            if scheme != "asset" or name not in _asset_files():
                # Without the address: it may hold personal data, and this text ends up in logs.
                raise FatalURLFetchingError("A document asked for a file that is not one of ours.")
            path = _asset_files()[name]
            kind = KINDS.get(path.suffix, "font/woff2")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return BundledOnly()


@cache
def _asset_files() -> dict[str, Path]:
    """The closed list of what a document may use, by name. Nothing in a name becomes a path."""
    found = {f"fonts/{file}": fonts.FONTS / file for part in _all_parts() for _, file in part.files}
    for path in ASSETS.iterdir():
        if path.suffix in KINDS:
            found[path.name] = path
    return found


def _artwork(fetcher) -> dict[str, object]:
    """Our drawings by address. Each is turned into PDF operators once; that is half the work of a card."""
    from weasyprint.images import SVGImage

    class DrawnOnce(SVGImage):
        drawn: tuple | None = None

        def draw(self, stream, width, height, style):
            states = stream._resources["ExtGState"]
            if self.drawn and self.drawn[0] == (width, height):
                _, operators, used = self.drawn
                states.update(used)
                stream.stream.append(operators)
                return
            before, others = len(stream.stream), _named_resources(stream)
            super().draw(stream, width, height, style)
            # Operators that name a pattern or a picture are only good in the document they were made for.
            if _named_resources(stream) == others:
                operators = b"\n".join(stream.stream[before:])
                used = {name: state for name, state in states.items() if f"/{name} gs".encode() in operators}
                self.drawn = (width, height), operators, used

    return {
        f"asset:{name}": DrawnOnce(ElementTree.fromstring(path.read_bytes()), f"asset:{name}", fetcher, None)
        for name, path in _asset_files().items()
        if path.suffix == ".svg"
    }


def _named_resources(stream) -> int:
    return sum(len(stream._resources[kind]) for kind in ("XObject", "Pattern", "Shading"))


def _all_parts() -> list[fonts.Part]:
    return [part for parts in fonts.families().values() for part in parts]
