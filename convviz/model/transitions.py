"""Every move of the playhead and every way of looking: pure functions (Session, ...) -> Session."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from convviz.model.document import kernel_of
from convviz.model.session import (
    SPEEDS,
    Cell,
    Message,
    PaneName,
    Playback,
    Playhead,
    Selection,
    Session,
    Target,
    Zoom,
    all_between,
    one_selected,
)

Transition = Callable[..., Session]
LARGEST_ZOOM = 65_536.0  # shows single samples among a million
UPDATES_IN_A_ROW = 10
RUN_SPEED = 30  # updates per second


def seek(session: Session, step: int, term: int | None = None) -> Session:
    """Show step number `step`, from 0: an output cell, or an update; beyond them, the nearest."""
    if not session.learns:
        return walk_to(session, step, term)
    inside = min(max(step, 0), session.step_count - 1)
    return replace(session, learner=replace(session.learner, step=inside, term=term), hover=None)


def walk_to(session: Session, step: int, term: int | None = None) -> Session:
    """Show output cell number `step`, from 0; outside the map, the nearest end."""
    inside = min(max(step, 0), session.walk_count - 1)
    return replace(session, playhead=Playhead(inside, term), pin=None, hover=None, turn=1.0)


def seek_cell(session: Session, row: int, column: int) -> Session:
    """Show the output cell at `row` and `column`."""
    rows, columns = session.walked
    return walk_to(
        session, session.step_at((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))
    )


def seek_fraction(session: Session, fraction: float) -> Session:
    """Show the output cell at `fraction` (0..1) of the way."""
    return seek(session, round(fraction * (session.step_count - 1)))


def first(session: Session) -> Session:
    """Go to the first output cell."""
    return seek(session, 0)


def last(session: Session) -> Session:
    """Go to the last output cell."""
    return seek(session, session.step_count - 1)


def advance(session: Session, steps: int = 1) -> Session:
    """Go `steps` output cells on; from an output cell that is pinned, from there."""
    return seek(session, session.cursor.step + steps)


def back(session: Session) -> Session:
    """Go to the output cell before."""
    return advance(session, -1)


def next_row(session: Session) -> Session:
    """Go one row of output cells down."""
    return _by_rows(session, 1)


def previous_row(session: Session) -> Session:
    """Go one row of output cells up."""
    return _by_rows(session, -1)


def _by_rows(session: Session, rows: int) -> Session:
    if session.learns:
        return advance(session, rows * UPDATES_IN_A_ROW)
    row, column = session.cell_at(session.cursor.step)
    return seek_cell(session, row + rows, column)


def next_term(session: Session, terms: int = 1) -> Session:
    """Form the next product; after the last stage of a dot product comes the next output cell.

    From a dot product that is shown whole, begin with its first product.
    """
    step, term = session.cursor.step, session.cursor.term
    count = session.stage_count
    if term is None:
        start = 0 if terms > 0 else count - 1
        place = step * count + start + terms - (1 if terms > 0 else -1)
    else:
        place = step * count + term + terms
    place = min(max(place, 0), session.step_count * count - 1)
    return seek(session, *divmod(place, count))


def previous_term(session: Session) -> Session:
    """Take the last product back."""
    return next_term(session, -1)


def _paused(session: Session) -> Playback:
    return replace(session.playback, playing=False)


def pause(session: Session) -> Session:
    """Stop at the step that is shown."""
    return replace(session, playback=_paused(session))


def _play(session: Session, direction: int) -> Session:
    """Play forwards (1) or backwards (-1); from the far end, begin at the other."""
    session = seek(session, session.cursor.step, session.cursor.term)
    if not session.playback.loop and _at_end(session, direction):
        session = first(session) if direction > 0 else last(session)
        if session.playback.by_terms:
            session = seek(session, session.head.step, 0 if direction > 0 else None)
    playback = replace(session.playback, playing=True, direction=direction)
    return replace(session, playback=playback)


def play_forwards(session: Session) -> Session:
    """Play, each step after the other."""
    return _play(session, 1)


def play_backwards(session: Session) -> Session:
    """Play, each step before the other."""
    return _play(session, -1)


def toggle_playing(session: Session) -> Session:
    """Play when paused, pause when playing."""
    return (
        pause(session) if session.playback.playing else _play(session, session.playback.direction)
    )


def tick(session: Session, count: int = 1) -> Session:
    """Move the playhead by `count` steps (or terms) as playback does: loop or stop at the end.

    What is looked at in the input and the kernel stays; an output cell does not hold time up.
    """
    playback = replace(session.playback, stride=count)
    moved = _ticked(replace(session, playback=playback, hover=None, pin=None), count)
    return replace(
        moved, hover=_beside_steps(session, session.hover), pin=_beside_steps(session, session.pin)
    )


def _beside_steps(session: Session, target: Target | None) -> Target | None:
    return None if target and target.pane == session.walked_pane else target


def _ticked(session: Session, count: int) -> Session:
    playback = session.playback
    if _at_end(session, playback.direction):
        if not playback.loop:
            return pause(session)
        return first(session) if playback.direction > 0 else last(session)
    if playback.by_terms:
        return next_term(session, count * playback.direction)
    if playback.loop:
        return seek(session, (session.head.step + count * playback.direction) % session.step_count)
    return advance(session, count * playback.direction)


def _at_end(session: Session, direction: int) -> bool:
    step, term = session.head.step, session.head.term
    if direction < 0:
        return step == 0 and (term in (0, None))
    return step == session.step_count - 1 and term in (session.stage_count - 1, None)


def set_speed(session: Session, speed: float) -> Session:
    """Play at `speed` steps (or terms) per second."""
    return replace(session, playback=replace(session.playback, speed=speed))


def faster(session: Session) -> Session:
    """Take the next higher speed."""
    higher = [speed for speed in SPEEDS if speed > session.playback.speed]
    return set_speed(session, higher[0]) if higher else session


def slower(session: Session) -> Session:
    """Take the next lower speed."""
    lower = [speed for speed in SPEEDS if speed < session.playback.speed]
    return set_speed(session, lower[-1]) if lower else session


def set_loop(session: Session, loop: bool) -> Session:
    """Begin again after the last step, or stop there."""
    return replace(session, playback=replace(session.playback, loop=loop))


def set_by_terms(session: Session, by_terms: bool) -> Session:
    """Play product by product, or output cell by output cell."""
    return replace(session, playback=replace(session.playback, by_terms=by_terms))


def hover(session: Session, target: Target | None) -> Session:
    """Look at the cell under the mouse, or at none."""
    return session if target == session.hover else replace(session, hover=target)


def pin(session: Session, target: Target | None) -> Session:
    """Hold the view on `target`, or let go where it is held; the playhead follows to an output."""
    if target is None or target == session.pin:
        return unpin(session)
    if target.pane == session.walked_pane:
        session = walk_to(session, session.step_at(target.cell))
    return replace(session, pin=target)


def toggle_pin(session: Session) -> Session:
    """Hold the view on what is under the mouse, or on the present step; or let go."""
    if session.learns:
        return explain_weight(session, None if session.learner.weight else _meant(session))
    if session.pin:
        return unpin(session)
    return pin(session, session.hover or _present(session))


def _meant(session: Session) -> Cell:
    """Return the weight of the learnt kernel under the mouse, or with the cell cursor."""
    if session.hover and session.hover.pane in ("gradient", "first"):
        return session.hover.cell
    selection = session.selection
    return selection.cursor if selection and selection.pane == "first" else (0, 0)


def _present(session: Session) -> Target:
    return Target(session.walked_pane, session.cell_at(session.playhead.step))


def unpin(session: Session) -> Session:
    """Let go of what is pinned."""
    return replace(session, pin=None)


def escape(session: Session) -> Session:
    """Leave, one after the other: fill, message, pin, all but the cursor, that; stop playing."""
    selection = session.selection
    if selection and selection.reach:
        return reach(session, None)
    if session.message:
        return dismiss(session)
    if session.pin:
        return unpin(session)
    if session.learns and session.learner.weight:
        return explain_weight(session, None)
    if selection and selection.shape != (1, 1):
        return replace(session, selection=one_selected(selection.pane, selection.cursor))
    return replace(pause(session), selection=None)


def select(session: Session, target: Target | None) -> Session:
    """Put the cell cursor on a cell of the input or the kernel, or on the nearest there is."""
    if target is None:
        return replace(session, selection=None)
    cell = session.nearest(target.pane, target.cell)
    return replace(session, selection=one_selected(target.pane, cell))


def extend(session: Session, target: Target) -> Session:
    """Select all from the cell cursor to a cell of the same grid, or to the nearest there is."""
    selection, end = session.selection, session.nearest(target.pane, target.cell)
    if selection is None or selection.pane != target.pane:
        return select(session, target)
    return replace(session, selection=replace(selection, end=end, reach=None, anchor=None))


def walk(session: Session, down: int, right: int) -> Session:
    """Move the cell cursor by one through the block that is selected; of one cell, to the next.

    At the end of a row or column of the block it goes on with the next one.
    """
    selection = session.selection
    if selection is None or selection.shape == (1, 1):
        return step(session, down, right)
    return replace(session, selection=_walked(selection, down, right))


def step(session: Session, down: int, right: int) -> Session:
    """Move the cell cursor by one, from the end of a row to the next, and select that cell."""
    selection = session.selection
    if selection is None:
        return session
    rows, columns = session.size_of(selection.pane)
    row, column = selection.cursor[0] + down, selection.cursor[1] + right
    if not 0 <= column < columns:
        row, column = row + right, column % columns
    moved_to = (row, column) if 0 <= row < rows else selection.cursor
    return select(session, Target(selection.pane, moved_to))


def _walked(selection: Selection, down: int, right: int) -> Selection:
    """Move the cursor within a block, around its ends."""
    (rows, columns), (top, left) = selection.shape, selection.corner
    row, column = selection.cursor[0] - top, selection.cursor[1] - left
    if down:
        column, row = divmod((column * rows + row + down) % (rows * columns), rows)
    else:
        row, column = divmod((row * columns + column + right) % (rows * columns), columns)
    anchor = selection.anchor or selection.cursor
    return replace(selection, cursor=(top + row, left + column), anchor=anchor, reach=None)


def select_all(session: Session) -> Session:
    """Select every cell of the grid that has the cell cursor, else of the input."""
    pane: PaneName = session.selection.pane if session.selection else "input"
    rows, columns = session.size_of(pane)
    return replace(session, selection=all_between(pane, range(rows), range(columns)))


def reach(session: Session, cell: Cell | None) -> Session:
    """Show how far a fill would go when the fill handle is dragged to `cell`."""
    if session.selection is None:
        return session
    inside = session.nearest(session.selection.pane, cell) if cell else None
    return replace(session, selection=replace(session.selection, reach=inside))


def explain_weight(session: Session, weight: Cell | None) -> Session:
    """Explain the gradient of one weight of the learnt kernel, or of none; again lets go."""
    head, before = session.head, session.learner.weight
    chosen = None if weight == before else weight
    learner = replace(session.learner, weight=chosen)
    if head.term:  # forward stays, all else is the whole gradient
        learner = replace(learner, term=None)
    return replace(session, learner=learner)


def set_revealed(session: Session, revealed: bool) -> Session:
    """Show the hidden kernel, or hide it again."""
    return replace(session, learner=replace(session.learner, revealed=revealed))


def set_log_loss(session: Session, log: bool) -> Session:
    """Draw the loss on a logarithmic axis, or on a linear one."""
    return replace(session, learner=replace(session.learner, log=log))


def show_phase(session: Session, phase: int) -> Session:
    """Show the present update as far as forward (0), gradient (1) or update (2)."""
    stages = session.stage_count
    return seek(session, session.head.step, (0, stages - 2, stages - 1)[phase])


def run_on(session: Session) -> Session:
    """Let the updates run, fast enough to see the kernel come; again, stop."""
    if session.playback.playing:
        return pause(session)
    playback = replace(session.playback, by_terms=False)
    quick = set_speed(replace(session, playback=playback), max(playback.speed, RUN_SPEED))
    return play_forwards(quick)


def set_theme(session: Session, theme: str) -> Session:
    """Choose "system", "dark" or "light"."""
    return replace(session, view=replace(session.view, theme=theme))


def start_turn(session: Session) -> Session:
    """Begin to show how the kernel is flipped, where that is to be seen and nothing plays."""
    session, conv = replace(session, turn=1.0), session.conv
    if conv is None or not conv.flip or session.stamping or session.playback.playing:
        return session
    kernel = conv.weight[kernel_of(conv, session.channel, session.shown_source)]
    same = np.array_equal(kernel, np.flip(kernel))
    return session if same else replace(session, turn=0.0)


def turn(session: Session, progress: float) -> Session:
    """Show the kernel on its way to being flipped: as set at 0, flipped at 1."""
    return replace(session, turn=min(max(progress, 0.0), 1.0))


def set_way(session: Session, way: str) -> Session:
    """Show the sum of a convolution of signals in one of WAYS."""
    return replace(session, view=replace(session.view, way=way))


def set_numbering(session: Session, first: int) -> Session:
    """Number the samples of signals from 1, as in mathematics, or from 0, as in NumPy."""
    return replace(session, view=replace(session.view, numbered_from=first))


def set_curves(session: Session, curves: bool) -> Session:
    """Draw signals as curves, with the area below their product, or as stems."""
    return replace(session, view=replace(session.view, curves=curves))


COUNTING = "Count how often cells are used"  # what the entry of the menu says


def set_use_counts(session: Session, use_counts: bool) -> Session:
    """Show how often each cell is used instead of its value."""
    return replace(session, view=replace(session.view, use_counts=use_counts))


def set_scatter(session: Session, scatter: bool) -> Session:
    """Walk a transposed convolution by input cells that stamp, or by output cells that gather."""
    changed = replace(session, scatter=scatter, pin=None, hover=None)
    if changed.stamping == session.stamping:
        return changed
    return replace(changed, playhead=Playhead())


def choose_source(session: Session, source: int) -> Session:
    """Look at another input channel."""
    inside = min(max(source, session.sources[0]), session.sources[-1])
    if session.stamping:
        walk = session.channel * len(session.sources) + inside - session.sources[0]
        cell = session.playhead.step % session.cell_count
        return walk_to(session, walk * session.cell_count + cell)
    playhead = replace(session.playhead, term=None)
    return replace(session, source=inside, playhead=playhead, selection=None)


def choose_channel(session: Session, channel: int) -> Session:
    """Look at the same cell of another feature map."""
    walks = len(session.sources) if session.stamping else 1
    inside = min(max(channel, 0), session.output_count - 1)
    cell = session.playhead.step % session.cell_count
    chosen = walk_to(session, inside * walks * session.cell_count + cell, session.playhead.term)
    return replace(chosen, selection=None)


def choose_kernel(session: Session, channel: int, source: int) -> Session:
    """Look at the kernel from input channel `source` to feature map `channel`."""
    return choose_source(choose_channel(session, channel), source)


def next_channel(session: Session) -> Session:
    """Look at the next feature map."""
    return choose_channel(session, session.channel + 1)


def previous_channel(session: Session) -> Session:
    """Look at the feature map before."""
    return choose_channel(session, session.channel - 1)


def next_source(session: Session) -> Session:
    """Look at the next input channel."""
    return choose_source(session, session.shown_source + 1)


def previous_source(session: Session) -> Session:
    """Look at the input channel before."""
    return choose_source(session, session.shown_source - 1)


def set_whole_map(session: Session, whole_map: bool) -> Session:
    """Show all output cells, or just those up to the playhead."""
    return replace(session, view=replace(session.view, whole_map=whole_map))


def set_histograms(session: Session, histograms: bool) -> Session:
    """Show or hide the histograms below the panes."""
    return replace(session, view=replace(session.view, histograms=histograms))


def set_history(session: Session, shown: bool) -> Session:
    """Show or hide the list of changes beside the scene."""
    return replace(session, view=replace(session.view, history=shown))


def set_layout(session: Session, columns: tuple[float, float, float], strip: float) -> Session:
    """Divide the width among the panes, and the height between them and the dot product."""
    return replace(session, view=replace(session.view, columns=columns, strip=strip))


def zoom(session: Session, pane: PaneName, zoomed: Zoom) -> Session:
    """Draw a pane's grid larger around a point; a factor of 1 fits it whole."""
    factor = min(max(zoomed.factor, 1.0), LARGEST_ZOOM)
    zooms = {**session.view.zooms, pane: replace(zoomed, factor=factor)}
    return replace(session, view=replace(session.view, zooms=MappingProxyType(zooms)))


def fit(session: Session) -> Session:
    """Draw every grid whole."""
    return replace(session, view=replace(session.view, zooms=MappingProxyType({})))


def show_message(session: Session, message: Message) -> Session:
    """Show a strip with a sentence."""
    return replace(session, message=message)


def refuse(session: Session, sentence: str) -> Session:
    """Say why something that was typed is not taken."""
    return show_message(session, Message(sentence, "error"))


def restore(session: Session, before: Session) -> Session:
    """Return to an earlier session, which could be shown, and keep the message."""
    return replace(before, message=session.message)


def add_message(session: Session, message: Message) -> Session:
    """Show a message, after the one that is there."""
    said = session.message
    if said is None:
        return show_message(session, message)
    if message.text in said.text:
        return session
    tone = said.tone if said.tone == "error" else message.tone
    both = Message(f"{said.text} · {message.text}", tone, said.choices + message.choices)
    return show_message(session, both)


def dismiss(session: Session) -> Session:
    """Take the strip away."""
    return replace(session, message=None)
