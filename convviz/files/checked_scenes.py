"""What is about to be saved is read again first: what could not be opened replaces no good file."""

from collections.abc import Iterator
from contextlib import contextmanager

from convviz.engine.padding import Array
from convviz.files.errors import FileError, Refusal
from convviz.files.scenes import read_beside_arrays, read_scene, scene_beside_arrays, scene_bytes
from convviz.model.session import Session


def checked_scene_bytes(session: Session) -> bytes:
    """Return the scene file of a session; reading it again takes a third of the time of writing.

    Raises
    ------
    Refusal
        When it could not be opened again, or would be larger than the scene files that are read.
    """
    data = scene_bytes(session)
    with _opened_again():
        read_scene(data)
    return data


def checked_beside_arrays(session: Session) -> tuple[bytes, tuple[Array, ...]]:
    """Return a scene and the large arrays beside it; raises Refusal where it cannot be opened."""
    scene, arrays = scene_beside_arrays(session)
    with _opened_again():
        read_beside_arrays(scene, arrays, "the scene")
    return scene, arrays


@contextmanager
def _opened_again() -> Iterator[None]:
    try:
        yield
    except FileError as error:
        reason, _, _ = error.reason.partition(";")  # its way out is one for files
        raise Refusal(
            f"the scene could not be opened again ({reason}); undo the last change and save again"
        ) from error
