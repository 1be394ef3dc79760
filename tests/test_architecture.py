"""What no file of the program may do; import-linter and ruff check who may import whom."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAST_FILES = 20

# One writer for all: files/atomic.py. What else touches a file, and why it may:
WRITERS = {
    "convviz/files/atomic.py": "the one writer",
    "convviz/files/locks.py": "opens what is to be locked",
    "convviz/files/recovery.py": "the report, which grows line by line while the program fails",
    "convviz/files/settings.py": "sets a broken file aside",
    "convviz/files/source.py": "opens as its caller says, which is to read",
}
TO_MEMORY = {
    "convviz/export/map_files.py": "numpy.save",
    "convviz/export/workbook.py": "openpyxl's save",
    "convviz/ui/incoming.py": "a picture of the clipboard",
}

PLAIN_TEXT = "convviz/ui/plain_text.py"  # what shows names from outside as they are
READ_AS_MARKUP = {
    "setToolTip", "ToolTipRole", "QToolTip", "RichText", "AutoText", "MarkdownText", "setHtml",
    "insertHtml", "appendHtml", "setMarkdown", "setStatusTip", "setWhatsThis", "QErrorMessage",
}  # fmt: skip
BOXES = {"about", "critical", "information", "question", "warning"}  # of QMessageBox

MODULES_THAT_RUN_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml",
                         "joblib", "jsonpickle", "runpy", "codeop", "subprocess", "sqlite3", "dbm",
                         "multiprocessing"}  # fmt: skip
NETWORK = {
    "socket", "ssl", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
    "telnetlib", "xmlrpc", "socketserver", "PySide6.QtNetwork", "PySide6.QtWebEngineWidgets",
}  # fmt: skip
PROBES_DISPLAY = "convviz/cli/surroundings.py"  # asks a Unix socket whether a display listens

WRITING_METHODS = {
    "write_text", "write_bytes", "tofile", "savetxt", "savez", "savez_compressed", "dump",
    "imwrite", "imsave", "savefig", "QSaveFile", "QFile", "QImageWriter", "QPdfWriter", "mkstemp",
    "NamedTemporaryFile", "TemporaryFile", "extractall", "memmap", "open_memmap", "write_array",
    "QTemporaryFile", "QLockFile", "setFileName", "FileHandler", "RotatingFileHandler", "touch",
    "symlink_to", "hardlink_to", "unlink", "rmdir", "rmtree", "copytree", "make_archive",
    "unpack_archive", "rename", "save_file", "to_excel", "to_csv",
}  # fmt: skip
WRITING_FUNCTIONS = {
    "os.replace", "os.rename", "os.link", "os.symlink", "os.truncate", "os.write", "os.remove",
    "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.move",
}  # fmt: skip
OPENERS = {"open", "fdopen", "FileIO", "ZipFile", "TarFile", "GzipFile", "BZ2File", "LZMAFile"}


def sources():
    files = sorted((ROOT / "convviz").rglob("*.py"))
    assert len(files) > LEAST_FILES
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def found_in_program(find, allowed=()):
    """Return "file:line: what" for all that `find` finds in files that are not allowed it."""
    return [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, text in sources().items()
        if name not in allowed
        for node in find(ast.parse(text))
    ]


def imports(tree):
    """Yield (node, dotted name) of all that is imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def importing(modules):
    def find(tree):
        return {
            node for node, name in imports(tree)
            if any(name == module or name.startswith(f"{module}.") for module in modules)
        }  # fmt: skip

    return find


def own_names(tree):
    """Return what each name that a file imports stands for: {"move": "shutil.move"}."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = ((alias.asname or alias.name, alias.name) for alias in node.names)
            found |= {own: f"{node.module}.{name}" for own, name in names}
    return found


def calls(tree):
    """Yield (node, dotted name of what is called, as where it comes from has it)."""
    known = own_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            yield node, f"{known.get(first, first)}{dot}{rest}"


def writing(tree):
    return [node for node, name in calls(tree) if writes(node, name)]


def writes(call, name):
    *_, last = name.split(".")
    if last in WRITING_METHODS or name in WRITING_FUNCTIONS:
        return True
    if last == "save":
        return bool(call.args or call.keywords)  # QPainter.save() has none
    if name == "os.open":
        return "os.devnull" not in ast.unparse(call) and "O_RDONLY" not in ast.unparse(call)
    if last == "replace" and name not in ("replace", "dataclasses.replace"):
        return len(call.args) == 1 and not call.keywords  # pathlib: that of texts has two
    return last in OPENERS and opens_for_writing(call)


def opens_for_writing(call):
    """Return whether a mode or flag writes; a mode that is computed is taken to write."""
    modes = [k.value for k in call.keywords if k.arg == "mode"]
    name = ast.unparse(call.func)
    of_a_path = name in ("open", "io.open", "os.fdopen") or name.rpartition(".")[2] != "open"
    if of_a_path and len(call.args) > 1:
        modes.append(call.args[1])
    texts = [node.value for node in (*call.args, *modes) if isinstance(node, ast.Constant)]
    is_mode = [t for t in texts if isinstance(t, str) and set(t.split(":")[0]) <= set("rwxabt+")]
    computed = [mode for mode in modes if not isinstance(mode, ast.Constant)]
    return bool(computed) or any(set(text) & set("wxa+") for text in is_mode)


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ('open("a.txt", "w")', True),
        ('open(path, mode="ab")', True),
        ("open(path, mode)", True),
        ('io.open(path, "r+")', True),
        ('path.open("wb")', True),
        ('os.fdopen(number, "wb")', True),
        ("os.open(path, os.O_WRONLY | os.O_CREAT)", True),
        ('path.write_text("x")', True),
        ("image.save(name)", True),
        ('numpy.save("x.npy", values)', True),
        ("json.dump(values, file)", True),
        ("os.replace(a, b)", True),
        ("shutil.move(a, b)", True),
        ("QSaveFile(path)", True),
        ("from shutil import move\nmove(a, b)", True),
        ("from os import replace\nreplace(a, b)", True),
        ("import os as system\nsystem.rename(a, b)", True),
        ("from dataclasses import replace\nreplace(a, b=1)", False),
        ("os.open(path, flags)", True),
        ("os.open(path, os.O_RDONLY)", False),
        ("path.replace(other)", True),
        ("path.rename(other)", True),
        ("path.unlink(missing_ok=True)", True),
        ('np.savez_compressed("x.npz", a=a)', True),
        ("values.tofile(file)", True),
        ("Image.fromarray(a).save(file, format=kind)", True),
        ("pixmap.save(path)", True),
        ("workbook.save(path)", True),
        ('zipfile.ZipFile(path, "w")', True),
        ('tarfile.open(path, "w:gz")', True),
        ('gzip.open(path, "wb")', True),
        ("shutil.rmtree(folder)", True),
        ("logging.FileHandler(path)", True),
        ("generator.setFileName(path)", True),
        ("zipfile.ZipFile(stream)", False),
        ("replace(session, view=view)", False),
        ("dataclasses.replace(session, view=view)", False),
        ('open("a.txt")', False),
        ('open(path, "rb", opener=ours)', False),
        ('path.open(encoding="utf-8")', False),
        ("painter.save()", False),
        ("json.dumps(values)", False),
        ("os.open(os.devnull, os.O_WRONLY)", False),
        ('text.replace("a", "w")', False),
        ("self._editor.open(cell, place, text)", False),
        ("archive.open(member)", False),
    ],
)
def test_the_scan_knows_a_writer_when_it_sees_one(line, is_found):
    assert bool(writing(ast.parse(line))) is is_found


def test_every_file_is_written_by_the_one_that_writes_whole_files():
    assert found_in_program(writing, {**WRITERS, **TO_MEMORY}) == []


@pytest.mark.parametrize(
    ("name", "calls_allowed"),
    [
        ("convviz/export/map_files.py", {"np.save(file"}),
        ("convviz/export/workbook.py", {"book.save(file)", "ZipFile("}),
        ("convviz/ui/incoming.py", {"image.save(buffer"}),
        ("convviz/files/locks.py", {"os.open(path, flags", "os.unlink(path)"}),
        (
            "convviz/files/recovery.py",
            {
                "open(path, 'xb'",
                "os.fdopen(descriptor, 'ab'",
                "work.replace(",
                "path.unlink(",
                "self.work.unlink(",
            },
        ),
        ("convviz/files/settings.py", {"path.replace(aside)"}),
        ("convviz/files/source.py", {"os.open(path, flags | "}),
    ],
)
def test_those_that_are_let_through_do_only_what_they_are_let_through_for(name, calls_allowed):
    texts = [ast.unparse(node) for node in writing(ast.parse(sources()[name]))]
    assert texts
    assert all(any(part in text for part in calls_allowed) for text in texts), texts


def test_no_scene_is_written_that_was_not_read_again():
    allowed = ("convviz/files/scenes.py", "convviz/files/checked_scenes.py")
    assert found_in_program(naming("scene_bytes", "scene_beside_arrays"), allowed) == []


@pytest.mark.parametrize(
    "line", ["import pickle", "from yaml import load", "def f():\n    import marshal.x"]
)
def test_the_scan_knows_a_loader_that_runs_code(line):
    assert importing(MODULES_THAT_RUN_CODE)(ast.parse(line))


def test_nothing_that_was_read_is_run():
    assert found_in_program(importing(MODULES_THAT_RUN_CODE)) == []
    assert found_in_program(running_code) == []


def running_code(tree):
    names = {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec",
             "os.system", "os.popen", "runpy.run_path", "torch.load"}  # fmt: skip
    handed_on = naming("eval", "exec", "__import__")(tree)  # application.exec() is no builtin
    return [node for node in handed_on if isinstance(node, ast.Name)] + [
        node
        for node, name in calls(tree)
        if name in names
        or any(k.arg in ("allow_pickle", "shell") and is_true(k.value) for k in node.keywords)
    ]


def is_true(node):
    return not (isinstance(node, ast.Constant) and node.value is False)


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("eval(text)", True),
        ("exec(text)", True),
        ("np.load(p, allow_pickle=True)", True),
        ("os.system(text)", True),
        ("subprocess.run(text, shell=True)", True),
        ("np.load(p, allow_pickle=False)", False),
        ("application.exec()", False),
        ("re.compile(text)", False),
        ("map(eval, texts)", True),
        ("from os import system as run\nrun(text)", True),
    ],
)
def test_the_scan_knows_what_runs_code(line, is_found):
    assert bool(running_code(ast.parse(line))) is is_found


def test_numpy_files_are_loaded_without_pickle():
    """numpy.load refuses pickles by default: say so where it is called."""
    loads = [
        (name, node)
        for name, text in sources().items()
        for node, function in calls(ast.parse(text))
        if function in ("np.load", "numpy.load")
    ]
    for name, node in loads:
        assert "allow_pickle=False" in ast.unparse(node), name


def naming(*names):
    def find(tree):
        return [
            node
            for node in ast.walk(tree)
            if (isinstance(node, ast.Name) and node.id in names)
            or (isinstance(node, ast.Attribute) and node.attr in names)
            or (isinstance(node, ast.alias) and node.name.split(".")[-1] in names)
        ]

    return find


def test_settings_are_not_unpickled_and_slots_are_not_entered_again():
    assert naming("QSettings")(ast.parse("from x import y\ny.QSettings()"))
    assert naming("QSettings")(ast.parse("from PySide6.QtCore import QSettings as S"))
    assert found_in_program(naming("QSettings")) == []
    assert found_in_program(naming("processEvents")) == []


def showing_markup(tree):
    """Return what shows a text as markup where it looks like it."""
    return [
        *naming(*READ_AS_MARKUP)(tree),
        *(node for node, name in calls(tree) if is_label(name)),
    ]


def is_label(name):
    *path, last = name.split(".")
    return last == "QLabel" or (last in BOXES and path[-1:] == ["QMessageBox"])


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("item.setToolTip(name)", True),
        ("from PySide6.QtWidgets import QToolTip", True),
        ("combo.setItemData(0, name, Qt.ItemDataRole.ToolTipRole)", True),
        ("label.setTextFormat(Qt.TextFormat.AutoText)", True),
        ("QLabel(name)", True),
        ("QtWidgets.QLabel()", True),
        ("QMessageBox.warning(self, title, name)", True),
        ("from PySide6.QtWidgets import QLabel as Label\nLabel(name)", True),
        ("text.setHtml(name)", True),
        ("set_tip(item, name)", False),
        ("menu.setToolTipsVisible(True)", False),
        ("def label() -> QLabel: ...", False),
        ("label.setTextFormat(Qt.TextFormat.PlainText)", False),
        ("logging.warning(text)", False),
    ],
)
def test_the_scan_knows_what_reads_markup(line, is_found):
    assert bool(showing_markup(ast.parse(line))) is is_found


def test_names_are_shown_as_they_are_and_not_as_markup():
    found = [line.partition(" ")[2] for line in found_in_program(showing_markup, {PLAIN_TEXT})]
    assert sorted(found) == [
        "QLabel()",
        "Qt.TextFormat.RichText",  # of sizes, which are written in colours and escaped
        "action.setStatusTip",  # to ""
        "data.setHtml",  # of numbers, for the clipboard
    ]


def test_a_box_with_a_question_shows_plain_text():
    for name, text in sources().items():
        boxes = [n for n, called in calls(ast.parse(text)) if called.endswith("QMessageBox")]
        plain = text.count("setTextFormat(Qt.TextFormat.PlainText)")
        assert len(boxes) <= plain, name


def test_the_program_talks_to_no_network():
    assert importing(NETWORK)(ast.parse("def f():\n    from urllib.request import urlopen"))
    assert found_in_program(importing(NETWORK), {PROBES_DISPLAY}) == []


def test_the_command_line_asks_only_local_sockets_for_a_display():
    if PROBES_DISPLAY not in sources():
        pytest.skip("the command line probes no display")
    tree = ast.parse(sources()[PROBES_DISPLAY])
    assert {name for _, name in imports(tree)} & NETWORK <= {"socket"}
    made = [ast.unparse(node) for node, name in calls(tree) if name == "socket.socket"]
    assert all(text.startswith("socket.socket(socket.AF_UNIX") for text in made)
    connected = [name for _, name in calls(tree) if name.startswith("socket.")]
    assert set(connected) <= {"socket.socket"}


def loaded_after(statement):
    """Return what a fresh Python has loaded after `statement`."""
    program = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(run.stdout.split())
    assert len(modules) > LEAST_FILES
    return {module.split(".")[0] for module in modules} | modules


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import convviz", {"numpy", "scipy", "PySide6", "PIL", "click"}),
        ("import convviz; convviz.__version__; dir(convviz)", {"numpy", "PySide6"}),
        ("import convviz.engine.convolve", {"scipy", "PySide6", "PIL"}),
        ("import convviz.model.scene, convviz.files.read", {"scipy", "PySide6"}),
        ("import convviz.cli", {"PySide6", "scipy", "pyqtgraph"}),
        ("import convviz.render.frame", {"PySide6.QtWidgets", "pyqtgraph", "scipy"}),
    ],
)
def test_importing_loads_no_more_than_it_needs(statement, heavy):
    assert loaded_after(statement) & heavy == set()


def test_what_the_scan_for_imports_sees_is_there():
    assert {"numpy", "convviz.engine.convolve"} <= loaded_after("import convviz.engine.convolve")


LEAKS = """
import threading
import time

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QWidget

kept = []

def test_window(qtbot):
    kept.append(QWidget())

def test_timer(qtbot):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_thread():
    kept.append(threading.Event())
    threading.Thread(target=kept[-1].wait, args=(9,), daemon=True).start()

def test_thread_of_qt(qtbot):
    kept.append(QThread())
    kept[-1].start()

def test_that_tidies_up(qtbot):
    kept[-1].quit()
    kept[-1].wait()
    window = QWidget()
    qtbot.addWidget(window)
    QTimer(window).start(1000)
    thread = threading.Thread(target=time.sleep, args=(0.05,))
    thread.start()
"""


def test_a_test_that_leaves_something_running_fails_and_names_who_began_it(tmp_path):
    for name in ("conftest.py", "screens.json"):
        shutil.copy(ROOT / "tests" / name, tmp_path)
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = [line for line in run.stdout.splitlines() if line.startswith("E  ")]
    lines = LEAKS.splitlines()
    for name, starter in (("timer is", ".start(1000)"), ("Thread-", ").start()"),
                          ("QThread(", "].start()")):  # fmt: skip
        (where,) = {
            line.rsplit(":", 1)[1] for line in told if name in line and "assert not" not in line
        }
        assert lines[int(where) - 1].endswith(starter)
    assert any("the window" in line and "is left" in line for line in told)
    assert "5 passed, 4 errors" in run.stdout


def test_pyside_keeps_its_references_to_none(qtbot):
    """PySide6 6.12 drops one with each call, and Python 3.11 aborts once none is left."""
    from PySide6.QtWidgets import QLabel

    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    assert sys.getrefcount(None) > before - 500
