"""Another program with a clipboard: prints what is in it as JSON, or offers what it is given.

python other_program.py read
python other_program.py offer TEXT HTML
"""

import json
import os
import sys

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QGuiApplication

PATIENCE = 20_000  # milliseconds


def main(task, *offered):
    application = QGuiApplication([])
    clipboard = application.clipboard()
    if task == "read":
        data = clipboard.mimeData()
        _say(json.dumps({"text": data.text(), "html": data.html()}))
    else:
        data = QMimeData()
        for put, text in zip((data.setText, data.setHtml), offered, strict=True):
            if text:
                put(text)
        clipboard.setMimeData(data)
        _say("offered")
        QTimer.singleShot(PATIENCE, application.quit)
        application.exec()
    os._exit(0)  # data that Python made would crash while it is cleared away


def _say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
