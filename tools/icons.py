"""Builds the icon sprite from an unpacked bootstrap-icons package.

    python -m tools.icons DIRECTORY    then refresh the checksum: python -m tools.vendored --write

The icons in it are those named in static/vendor/icons/names.txt.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ICONS = Path(__file__).resolve().parent.parent / "static/vendor/icons"
DRAWING = re.compile(r'<svg [^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', re.DOTALL)


def symbol(name: str, svg: str) -> str:
    drawing = DRAWING.search(svg)
    if drawing is None:
        raise ValueError(f"{name}.svg is not a drawing")
    box, paths = drawing.groups()
    body = re.sub(r"\s*\n\s*", "", paths)
    return f'<symbol id="{name}" viewBox="{box}" fill="currentColor">{body}</symbol>'


def main() -> None:
    source = Path(sys.argv[1]) / "icons"
    names = (ICONS / "names.txt").read_text().split()
    symbols = [symbol(name, (source / f"{name}.svg").read_text()) for name in names]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (ICONS / "sprite.svg").write_text(sprite)


if __name__ == "__main__":
    main()
