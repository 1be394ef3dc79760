"""A screen as a person has it: real keys, a real mouse, and the pixels that are there.

Speaks the X11 protocol through the server's socket (https://www.x.org/releases/X11R7.7/doc/), so
that nothing is needed but a server with the extension XTEST, which Xvfb has.
"""

import os
import socket
import struct
import subprocess
import time
from contextlib import contextmanager, suppress

import numpy as np

LEFT_BUTTON, RIGHT_BUTTON, WHEEL_UP, WHEEL_DOWN = 1, 3, 4, 5
KEYSYMS = {
    "Return": 0xFF0D,
    "Escape": 0xFF1B,
    "Tab": 0xFF09,
    "BackSpace": 0xFF08,
    "Delete": 0xFFFF,
    "Home": 0xFF50,
    "Left": 0xFF51,
    "Up": 0xFF52,
    "Right": 0xFF53,
    "Down": 0xFF54,
    "PageUp": 0xFF55,
    "PageDown": 0xFF56,
    "End": 0xFF57,
    "F6": 0xFFC3,
    "F11": 0xFFC8,
    "Shift": 0xFFE1,
    "Ctrl": 0xFFE3,
    "Space": 0x20,
}
KEY_PRESS, KEY_RELEASE, BUTTON_PRESS, BUTTON_RELEASE, MOTION = 2, 3, 4, 5, 6
MOVED_BY = 12  # pixels at a time, as a hand moves the mouse


class Screen:
    """One connection to the X server of DISPLAY."""

    def __init__(self, display):
        number = display.rpartition(":")[2].partition(".")[0]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(f"/tmp/.X11-unix/X{number}")
        self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        accepted, _, _, _, length = struct.unpack("<BBHHH", self._read(8))
        setup = self._read(4 * length)
        if accepted != 1:
            raise ConnectionError(setup.decode("latin-1"))
        vendor, _, _, formats = struct.unpack_from("<HHBB", setup, 16)
        self._first_key, last_key = setup[26], setup[27]
        screen = 32 + (vendor + 3) // 4 * 4 + 8 * formats
        self.root, self.width, self.height = struct.unpack_from("<I16xHH", setup, screen)
        self._sent = 0
        self._test = self._extension(b"XTEST")
        self._keys = self._keyboard(last_key)
        self._mouse = (0, 0)

    def close(self):
        self._socket.close()

    # The protocol

    def _read(self, count):
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the X server is gone")
            data += part
        return data

    def _send(self, opcode, detail, body=b""):
        body += b"\0" * (-len(body) % 4)
        self._socket.sendall(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)
        self._sent = (self._sent + 1) % 2**16

    def _ask(self, opcode, detail, body=b""):
        """Return the reply to a request; raise LookupError for a window that is gone."""
        self._send(opcode, detail, body)
        while True:
            head = self._read(32)
            kind, number = head[0], struct.unpack_from("<H", head, 2)[0]
            rest = self._read(4 * struct.unpack_from("<I", head, 4)[0]) if kind == 1 else b""
            if number == self._sent and kind == 0:
                raise LookupError(f"X error {head[1]}")
            if number == self._sent and kind == 1:
                return head + rest

    def _extension(self, name):
        reply = self._ask(98, 0, struct.pack("<Hxx", len(name)) + name)
        if not reply[8]:
            raise LookupError(f"the X server has no {name.decode()}")
        return reply[9]

    def _keyboard(self, last):
        """Return for each keysym its key, and whether it takes Shift."""
        count = last - self._first_key + 1
        reply = self._ask(101, 0, struct.pack("<BBxx", self._first_key, count))
        each, found = reply[1], {}
        symbols = struct.unpack_from(f"<{each * count}I", reply, 32)
        for place, symbol in enumerate(symbols):
            key, level = divmod(place, each)
            if symbol and level < 2:
                found.setdefault(symbol, (key + self._first_key, level == 1))
        return found

    def _fake(self, kind, detail, x=0, y=0):
        body = struct.pack("<BBxxII8xhh8x", kind, detail, 0, self.root, x, y)
        self._send(self._test, 2, body)

    def _settle(self):
        """Wait until the server has done all that it was sent."""
        self._ask(43, 0)

    # Hands

    def move(self, x, y):
        """Move the mouse to a place, through those between."""
        now = np.array(self._mouse)
        way = np.array((round(x), round(y))) - now
        steps = max(int(np.abs(way).max()) // MOVED_BY, 1)
        for step in range(1, steps + 1):
            place = now + way * step // steps
            self._fake(MOTION, 0, int(place[0]), int(place[1]))
        self._mouse = round(x), round(y)
        self._settle()

    def press(self, button=LEFT_BUTTON):
        self._fake(BUTTON_PRESS, button)
        self._settle()

    def release(self, button=LEFT_BUTTON):
        self._fake(BUTTON_RELEASE, button)
        self._settle()

    def click(self, x, y, button=LEFT_BUTTON):
        self.move(x, y)
        self.press(button)
        self.release(button)

    def drag(self, start, stop):
        self.move(*start)
        self.press()
        self.move(*stop)
        self.release()

    def key(self, *names):
        """Press keys such as "Ctrl+Shift+C", "Ctrl++", "Right" or "7", one after the other."""
        for name in names:
            *held, last = _parts(name)
            key, shifted = self._keys[KEYSYMS.get(last) or ord(last.lower())]
            if shifted and "Shift" not in held:
                held.append("Shift")
            codes = [self._keys[KEYSYMS[each]][0] for each in held]
            for code in codes:
                self._fake(KEY_PRESS, code)
            self._fake(KEY_PRESS, key)
            self._fake(KEY_RELEASE, key)
            for code in reversed(codes):
                self._fake(KEY_RELEASE, code)
            self._settle()

    def type(self, text):
        self.key(*(f"Shift+{c}" if c.isupper() else c for c in text))

    # Eyes

    def picture(self):
        """Return the pixels of the whole screen (rows, columns, 3)."""
        body = struct.pack("<IhhHHI", self.root, 0, 0, self.width, self.height, 0xFFFFFFFF)
        reply = self._ask(73, 2, body)
        pixels = np.frombuffer(reply, np.uint8, 4 * self.width * self.height, 32)
        return pixels.reshape(self.height, self.width, 4)[..., 2::-1].copy()

    def windows(self):
        """Return the windows with a title that can be seen: {title: (x, y, width, height)}."""
        name, text = self._atom(b"_NET_WM_NAME"), self._atom(b"UTF8_STRING")
        found, waiting = {}, [self.root]
        while waiting:
            window = waiting.pop()
            with suppress(LookupError):  # it went while it was looked at
                waiting += self._children(window)
                body = struct.pack("<IIIII", window, name, text, 0, 1000)
                reply = self._ask(20, 0, body)
                length = struct.unpack_from("<I", reply, 16)[0]
                if length and self._is_seen(window):
                    found[reply[32 : 32 + length].decode()] = self._place(window)
        return found

    def _atom(self, name):
        reply = self._ask(16, 0, struct.pack("<Hxx", len(name)) + name)
        return struct.unpack_from("<I", reply, 8)[0]

    def _children(self, window):
        reply = self._ask(15, 0, struct.pack("<I", window))
        count = struct.unpack_from("<H", reply, 16)[0]
        return struct.unpack_from(f"<{count}I", reply, 32)

    def _is_seen(self, window):
        return self._ask(3, 0, struct.pack("<I", window))[26] == 2

    def _place(self, window):
        width, height = struct.unpack_from("<HH", self._ask(14, 0, struct.pack("<I", window)), 16)
        corner = self._ask(40, 0, struct.pack("<IIhh", window, self.root, 0, 0))
        return *struct.unpack_from("<hh", corner, 12), width, height


def _parts(name):
    """Return the keys held, and the last one: of "Ctrl++" it is the "+"."""
    held, plus, last = name[:-1].rpartition("+")
    return [*held.split("+"), last + name[-1]] if plus else [name]


@contextmanager
def x_server():
    """Yield a virtual X server of one's own, to be killed at will, and its DISPLAY."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as number:
            yield server, f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def wait_until(true, seconds=10.0, *, every=0.05, why=""):
    """Return what `true` returns once that is not false."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(every)
    raise TimeoutError(why or f"{true.__name__} did not come true in {seconds} s")
