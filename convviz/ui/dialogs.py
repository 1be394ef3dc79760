"""The only modal code: choosing a file or a folder, and what becomes of unsaved changes."""

from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from convviz.export.map_files import MAP_WRITERS
from convviz.export.spreadsheet import SPREADSHEET_SUFFIX
from convviz.export.updates import UPDATES_SEPARATORS
from convviz.files.read import SUFFIXES
from convviz.files.scenes import SCENE_SUFFIX
from convviz.files.weights import SUFFIXES as WEIGHTS
from convviz.ui.plain_text import shortened

SCENES = f"Scenes (*{SCENE_SUFFIX})"


def ask_open(parent: QWidget, folder: Path) -> Path | None:
    """Ask for a scene, an image, an array or weights to open."""
    kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
    filters = (
        f"Scenes, images, arrays and weights (*{SCENE_SUFFIX} {kinds})",
        SCENES,
        f"Images, arrays and weights ({kinds})",
        "All (*)",
    )
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Open a scene, an image or an array", str(folder), ";;".join(filters)
    )
    return Path(chosen) if chosen else None


def ask_weights(parent: QWidget, folder: Path) -> Path | None:
    """Ask for a file of weights."""
    kinds = " ".join(f"*{suffix}" for suffix in WEIGHTS)
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Open weights", str(folder), f"Weights ({kinds});;All (*)"
    )
    return Path(chosen) if chosen else None


def ask_folder(parent: QWidget, folder: Path, title: str = "Export frames into") -> Path | None:
    """Ask for a folder, by default to write frames into."""
    chosen = QFileDialog.getExistingDirectory(parent, title, str(folder))
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


def ask_save_scene(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to save a scene; the dialog asks before an existing file is replaced."""
    return _ask_save(parent, "Save the scene", suggested, SCENES)


def ask_save_map(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to write a feature map; the dialog asks before an existing file is replaced."""
    kinds = " ".join(f"*{suffix}" for suffix in MAP_WRITERS)
    return _ask_save(parent, "Export the feature map", suggested, f"CSV, TSV, NumPy ({kinds})")


def ask_save_updates(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to write the updates; the dialog asks before an existing file is replaced."""
    kinds = " ".join(f"*{suffix}" for suffix in UPDATES_SEPARATORS)
    return _ask_save(parent, "Export the updates", suggested, f"CSV, TSV ({kinds})")


def ask_save_spreadsheet(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to write a spreadsheet; the dialog asks before an existing file is replaced."""
    kinds = f"Spreadsheet (*{SPREADSHEET_SUFFIX})"
    return _ask_save(parent, "Export as spreadsheet", suggested, kinds)


def ask_save_weights(parent: QWidget, suggested: Path) -> Path | None:
    """Ask where to save weights; the dialog asks before an existing file is replaced."""
    return _ask_save(parent, "Save the weights", suggested, f"Weights (*{suggested.suffix})")


def _ask_save(parent: QWidget, title: str, suggested: Path, kinds: str) -> Path | None:
    """Ask for a file; a name without a suffix gets that of the suggestion."""
    dialog = QFileDialog(parent, title, str(suggested.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(
        suggested.suffix
    )  # before it asks, so that it asks about the right file
    dialog.selectFile(suggested.name)
    accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    chosen = dialog.selectedFiles() if accepted else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None


def ask_unsaved(
    parent: QWidget, name: str, *, unfit: bool = False
) -> Literal["save", "discard", "cancel"]:
    """Ask what becomes of the changes to the scene `name`."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setWindowTitle("Unsaved changes")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Save the changes to “{shortened(name)}”?")
    lost = "A setting that does not fit is not saved." if unfit else ""
    box.setInformativeText(f"They are lost if you discard them. {lost}".rstrip())
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    answer = box.exec()
    box.deleteLater()
    if answer == buttons.Save:
        return "save"
    return "discard" if answer == buttons.Discard else "cancel"
