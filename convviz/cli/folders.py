"""Where frames go: a folder, which is not to be mistaken for a file."""

import os
from pathlib import Path

SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))
# Of pictures, films, pages, tables and archives: kinds of files that somebody might hope for
OF_FILES = frozenset(
    """
    .png .apng .jpg .jpeg .gif .webp .bmp .tif .tiff .ico .svg .svgz .eps .ps .pdf .avif .heic
    .mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .ogv .wmv .flv
    .htm .html .xhtml .md .tex .typ .txt .rst .doc .docx .odt .odp .ppt .pptx .key .ipynb
    .csv .tsv .json .npy .npz .xlsx .xls .ods .xml .yaml .yml .zip .tar .gz .7z .convviz
    """.split()  # noqa: SIM905
)


def frames_folder(text: str) -> Path:
    """Return the folder that `text` names: one that is there, ends in /, or is called like one.

    Raises
    ------
    ValueError
        When it is called like a file.

    Examples
    --------
    >>> frames_folder("frames.v2").name, frames_folder("a.gif/").name
    ('frames.v2', 'a.gif')
    """
    path = Path(text)
    meant = text.endswith(SEPARATORS) or os.path.isdir(text)  # noqa: PTH112  # no error if forbidden
    if path.suffix.lower() not in OF_FILES or meant:
        return path
    raise ValueError(
        f"{text!r} is called like a file, and frames are PNG files in a folder: "
        f"write {path.with_suffix('')}/, or {text}/ for a folder of that name"
    )
