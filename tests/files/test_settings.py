"""Settings: remembered, and never the reason why the program does not start."""

import json
import random
from pathlib import Path

import pytest

from convviz.files.atomic import WriteError
from convviz.files.recovery import lost_runs
from convviz.files.settings import (
    Settings,
    merged,
    read_settings,
    settings_path,
    write_settings,
)


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "new" / "settings.json"
    settings = Settings("light", (tmp_path / "a ü.convviz", tmp_path / "b.png"))
    write_settings(path, settings)
    assert read_settings(path) == (settings, None)


def test_the_first_time_there_are_none_and_that_is_no_news(tmp_path):
    assert read_settings(tmp_path / "settings.json") == (Settings(), None)


def test_a_folder_that_nobody_may_look_into_stops_no_start(tmp_path, monkeypatch):
    def refuse(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.stat", refuse)
    settings, runs = read_settings(tmp_path / "settings.json"), lost_runs(tmp_path)
    monkeypatch.undo()
    assert settings == (Settings(), None)
    assert runs == ()


def test_they_are_where_the_system_has_them_and_not_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    assert settings_path().name == "settings.json"
    assert settings_path().parent.name == "convviz"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"3", b"[" * 100_000, b"\xff", b"\0" * 9])
def test_a_broken_file_is_set_aside_and_that_is_said(tmp_path, data):
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    settings, told = read_settings(path)
    assert settings == Settings()
    assert told.isprintable()
    assert told.endswith("it is now settings.json.broken, and the settings begin anew")
    assert (tmp_path / "settings.json.broken").read_bytes() == data
    assert read_settings(path) == (Settings(), None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"theme": "pink"}, Settings()),
        ({"theme": ["dark"], "recent": "no list"}, Settings()),
        ({"theme": "dark", "recent": [3, None, "relative.png", "a\0b"]}, Settings("dark")),
        ({"theme": "dark", "later": {"more": 1}}, Settings("dark")),
    ],
)
def test_what_cannot_be_is_left_out(tmp_path, values, expected):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(values))
    assert read_settings(path) == (expected, None)


def test_ten_recent_files_are_enough(tmp_path):
    path = tmp_path / "settings.json"
    write_settings(path, Settings("dark", tuple(tmp_path / str(n) for n in range(30))))
    assert len(read_settings(path)[0].recent) == 10


def test_settings_that_cannot_be_written_say_why(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        WriteError, match=r"file.settings\.json: a part of the path is not a folder"
    ):
        write_settings(tmp_path / "file" / "settings.json", Settings())
    with pytest.raises(WriteError, match="it is a folder"):
        write_settings(tmp_path, Settings())


A, B, C = (Path(f"/{name}.convviz") for name in "abc")


@pytest.mark.parametrize(
    ("mine", "known", "theirs", "both"),
    [
        (Settings(recent=(A,)), Settings(), Settings(recent=(B,)), Settings(recent=(A, B))),
        (Settings(recent=(C, A)), Settings(recent=(A,)), Settings(recent=(B, A)),
         Settings(recent=(C, B, A))),
        (Settings("dark", (A,)), Settings("system", (A,)), Settings("system", (B, A)),
         Settings("dark", (B, A))),
        (Settings("system", (A,)), Settings("system"), Settings("light", (B,)),
         Settings("light", (A, B))),
        (Settings("dark"), Settings("system"), Settings("light"), Settings("dark")),
    ],
)  # fmt: skip
def test_two_windows_remember_what_either_did(mine, known, theirs, both):
    assert merged(mine, known, theirs) == both


def test_ten_files_of_two_windows_are_enough():
    theirs = Settings(recent=tuple(Path(f"/{n}") for n in range(10)))
    assert merged(Settings(recent=(A,)), Settings(), theirs).recent == (A, *theirs.recent[:9])


def test_any_damage_leaves_settings(tmp_path):
    dice, path = random.Random(3), tmp_path / "settings.json"
    write_settings(path, Settings("light", (tmp_path / "a.convviz",)))
    whole = path.read_bytes()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 3, 9))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data)
        settings, told = read_settings(path)
        assert isinstance(settings, Settings)
        assert told is None or told.isprintable()


def test_every_value_is_checked_by_itself(tmp_path):
    path = tmp_path / "settings.json"
    good = Settings(
        numbers="decimals", decimals=3, digits=6, fractions=False, unsigned="viridis",
        signed="vik", speed=16, open_folder=tmp_path, export_folder=tmp_path, most_recent=4,
    )  # fmt: skip
    write_settings(path, good)
    assert read_settings(path) == (good, None)
    bad = {
        "numbers": "roman", "decimals": 7, "digits": True, "fractions": 1, "unsigned": "jet",
        "signed": "red-green", "speed": 3, "open_folder": "here", "export_folder": 3,
        "most_recent": -1,
    }  # fmt: skip
    whole = json.loads(path.read_text())
    for name, value in bad.items():
        path.write_text(json.dumps({**whole, name: value}))
        found, told = read_settings(path)
        assert told is None
        assert getattr(found, name) == getattr(Settings(), name), name
        others = [other for other in bad if other != name]
        assert all(getattr(found, other) == getattr(good, other) for other in others)
