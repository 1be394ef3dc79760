"""The only modal code: choosing a file or a folder."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from convviz.files.read import SUFFIXES


def ask_open(parent: QWidget, folder: Path) -> Path | None:
    """Ask for an image or an array to open."""
    kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Open an image or an array", str(folder), f"Images and arrays ({kinds});;All (*)"
    )
    return Path(chosen) if chosen else None


def ask_folder(parent: QWidget, folder: Path) -> Path | None:
    """Ask for a folder to write frames into."""
    chosen = QFileDialog.getExistingDirectory(parent, "Export frames into", str(folder))
    return Path(chosen) if chosen else None


def ask_save_png(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to write one frame; the dialog asks before an existing file is replaced."""
    chosen, _ = QFileDialog.getSaveFileName(
        parent, "Export this frame", str(suggested), "PNG image (*.png)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
