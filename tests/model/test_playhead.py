"""Moving the playhead: by output cells, by rows, by products, by itself, and under the mouse."""

from dataclasses import replace

import pytest
from small_sessions import at, session

from convviz.model import transitions
from convviz.model.derive import derive_scene
from convviz.model.session import (
    SPEEDS,
    Message,
    Playback,
    Playhead,
    Zoom,
    new_session,
    one_selected,
)


def place(found):
    return found.playhead.step, found.playhead.term


@pytest.mark.parametrize(
    ("start", "transition", "arguments", "end"),
    [
        (0, "advance", (), 1),
        (3, "advance", (), 4),
        (11, "advance", (), 11),
        (2, "advance", (5,), 7),
        (9, "advance", (50,), 11),
        (5, "back", (), 4),
        (0, "back", (), 0),
        (1, "next_row", (), 5),
        (9, "next_row", (), 9),
        (6, "previous_row", (), 2),
        (2, "previous_row", (), 2),
        (7, "first", (), 0),
        (7, "last", (), 11),
        (0, "seek", (7,), 7),
        (5, "seek", (-3,), 0),
        (5, "seek", (99,), 11),
        (0, "seek_cell", (1, 2), 6),
        (0, "seek_cell", (9, 9), 11),
        (6, "seek_cell", (-1, -1), 0),
        (6, "seek_cell", (1, 99), 7),
        (5, "seek_fraction", (0.0,), 0),
        (5, "seek_fraction", (1.0,), 11),
        (0, "seek_fraction", (0.3,), 3),
    ],
)
def test_keys_move_through_a_map_of_3_rows_and_4_columns(start, transition, arguments, end):
    before = session((3, 4), step=start)
    after = getattr(transitions, transition)(before, *arguments)
    assert place(after) == (end, None)
    assert after.document is before.document
    scene = derive_scene(after)
    assert (scene.step, scene.place) == (end, f"row {end // 4}, column {end % 4}")
    assert scene.dot.detail == f"step {end + 1} of 12"


def test_the_program_opens_at_the_crossing_of_the_letter():
    assert new_session().cell_at(new_session().playhead.step) == (7, 4)


@pytest.mark.parametrize(
    ("settings", "stages"),
    [
        ({}, 4),
        ({"bias": [0.0]}, 4),
        ({"bias": [0.5]}, 5),
        ({"activation": "relu"}, 5),
        ({"bias": [-1.0], "activation": "tanh"}, 6),
    ],
)
def test_a_dot_product_has_a_stage_per_product_and_one_for_bias_and_activation(settings, stages):
    assert session((2, 3), (2, 2), **settings).stage_count == stages


@pytest.mark.parametrize(
    "settings", [{}, {"bias": [2.0]}, {"activation": "relu"}, {"bias": [2.0], "activation": "relu"}]
)
def test_products_come_one_by_one_through_all_cells_and_go_back_the_same_way(settings):
    now = session((2, 3), (2, 2), **settings)
    stages = now.stage_count
    way = [(step, term) for step in range(now.step_count) for term in range(stages)]
    forwards = []
    for _ in range(len(way) + 2):
        now = transitions.next_term(now)
        forwards.append(place(now))
    assert forwards == [*way, way[-1], way[-1]]
    backwards = []
    for _ in range(len(way) + 1):
        now = transitions.previous_term(now)
        backwards.append(place(now))
    assert backwards == [*reversed(way[:-1]), way[0], way[0]]


@pytest.mark.parametrize(("transition", "end"), [("next_term", (1, 0)), ("previous_term", (1, 3))])
def test_from_a_whole_dot_product_its_own_products_begin(transition, end):
    whole = session((2, 3), (2, 2), step=1)
    assert place(getattr(transitions, transition)(whole)) == end


@pytest.mark.parametrize(("terms", "end"), [(1, (0, 0)), (3, (0, 2)), (6, (1, 1)), (99, (1, 3))])
def test_several_products_at_once_are_as_many(terms, end):
    assert place(transitions.next_term(session((2, 3), (2, 2)), terms)) == end


@pytest.mark.parametrize("transition", ["advance", "back", "first", "next_row", "last"])
def test_moving_on_shows_whole_dot_products_again(transition):
    middle = session((2, 3), (2, 2), step=1, term=2)
    assert getattr(transitions, transition)(middle).playhead.term is None


# Playing


def playing(start, term=None, *, count=(3, 4), kernel=(1, 1), **playback):
    now = session(count, kernel, step=start, term=term)
    return replace(now, playback=Playback(playing=True, **playback))


@pytest.mark.parametrize(
    ("start", "playback", "ticks", "end", "goes_on"),
    [
        (0, {}, 1, (1, None), True),
        (4, {}, 3, (7, None), True),
        (10, {}, 3, (11, None), True),
        (11, {}, 1, (11, None), False),
        (5, {"direction": -1}, 1, (4, None), True),
        (2, {"direction": -1}, 5, (0, None), True),
        (0, {"direction": -1}, 1, (0, None), False),
        (11, {"loop": True}, 1, (0, None), True),
        (10, {"loop": True}, 3, (1, None), True),
        (0, {"loop": True, "direction": -1}, 1, (11, None), True),
        (1, {"loop": True, "direction": -1}, 3, (10, None), True),
        (3, {"by_terms": True}, 1, (3, 0), True),
        (11, {"by_terms": True}, 1, (11, None), False),
        (0, {"by_terms": True, "direction": -1}, 1, (0, None), False),
    ],
)
def test_a_tick_moves_as_playback_says_and_stops_at_the_end(start, playback, ticks, end, goes_on):
    after = transitions.tick(playing(start, **playback), ticks)
    assert place(after) == end
    assert after.playback.playing is goes_on
    assert after.playback.stride == ticks


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("by_terms", [False, True])
def test_playing_from_end_to_end_shows_every_cell_and_stops(direction, by_terms):
    now = session((2, 3), (2, 2), bias=[1.0])
    now = transitions.set_by_terms(now, by_terms)
    now = transitions.last(now) if direction < 0 else now
    now = transitions._play(now, direction)
    seen = []
    for _ in range(30):
        if not now.playback.playing:
            break
        seen.append(place(now))
        now = transitions.tick(now)
    assert not now.playback.playing
    way = [(step, term) for step in (0, 1) for term in (range(5) if by_terms else [None])]
    assert [found for found in seen if found in way] == way[::direction]


@pytest.mark.parametrize("by_terms", [False, True])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_loop_never_stops(direction, by_terms):
    now = playing(0, count=(2, 3), kernel=(2, 2), direction=direction, by_terms=by_terms, loop=True)
    steps = set()
    for _ in range(40):
        now = transitions.tick(now)
        steps.add(now.playhead.step)
        assert now.playback.playing
    assert steps == {0, 1}


@pytest.mark.parametrize(
    ("start", "play", "begins"),
    [
        (5, "play_forwards", (5, None)),
        (11, "play_forwards", (0, None)),
        (5, "play_backwards", (5, None)),
        (0, "play_backwards", (11, None)),
        (11, "toggle_playing", (0, None)),
        (4, "toggle_playing", (4, None)),
    ],
)
def test_play_begins_where_it_stands_and_at_the_other_end_when_it_is_over(start, play, begins):
    after = getattr(transitions, play)(session(step=start))
    assert after.playback.playing
    assert place(after) == begins


def test_play_by_products_begins_over_with_the_first_product():
    now = transitions.set_by_terms(session((2, 3), (2, 2), step=1), True)
    assert place(transitions.play_forwards(now)) == (0, 0)


def test_pause_stays_and_play_goes_on_in_the_same_direction():
    now = transitions.play_backwards(session(step=6))
    now = transitions.toggle_playing(transitions.tick(now))
    assert (place(now), now.playback.playing) == ((5, None), False)
    now = transitions.tick(transitions.toggle_playing(now))
    assert (place(now), now.playback.playing) == ((4, None), True)


def test_a_map_of_one_cell_plays_to_its_end():
    now = transitions.toggle_playing(session((1, 1)))
    assert not transitions.tick(now).playback.playing


@pytest.mark.parametrize(
    ("speed", "faster", "slower"),
    [(4, 8, 2), (1000, 1000, 500), (0.25, 0.5, 0.25), (10, 16, 8), (0.5, 1, 0.25)],
)
def test_speed_goes_through_its_table(speed, faster, slower):
    now = transitions.set_speed(session(), speed)
    assert transitions.faster(now).playback.speed == faster
    assert transitions.slower(now).playback.speed == slower


def test_speeds_go_from_a_quarter_to_a_thousand_steps_per_second():
    assert (SPEEDS[0], SPEEDS[-1]) == (0.25, 1000)
    assert list(SPEEDS) == sorted(SPEEDS)


# Looking


@pytest.mark.parametrize(
    ("looked_at", "shown"),
    [
        (None, 5),
        (at("output", 2, 1), 9),
        (at("input", 2, 1), 5),
        (at("kernel", 0, 0), 5),
        (at("products", 0, 0), 5),
    ],
)
@pytest.mark.parametrize("how", ["hover", "pin"])
def test_looking_at_an_output_cell_shows_its_window(how, looked_at, shown):
    now = getattr(transitions, how)(session(step=5), looked_at)
    assert now.cursor == Playhead(shown)
    scene = derive_scene(now)
    assert (scene.step, scene.output.current) == (shown, divmod(shown, 4))
    assert (scene.input.window.rows, scene.input.window.columns) == ((shown // 4,), (shown % 4,))


def test_hovering_leaves_the_playhead_and_pinning_brings_it():
    target = at("output", 2, 1)
    assert transitions.hover(session(), target).playhead.step == 0
    assert transitions.pin(session(), target).playhead.step == 9


def test_hovering_the_same_cell_changes_nothing():
    now = transitions.hover(session(), at("input", 1, 1))
    assert transitions.hover(now, at("input", 1, 1)) is now


def test_what_is_pinned_stays_under_a_mouse_that_moves_on():
    now = transitions.pin(session(), at("input", 1, 1))
    now = transitions.hover(now, at("output", 2, 2))
    assert now.target == at("input", 1, 1)


@pytest.mark.parametrize("let_go", ["unpin", "escape", "toggle_pin", "pin the same"])
def test_a_pin_is_let_go(let_go):
    target = at("kernel", 0, 0)
    now = transitions.pin(session(), target)
    if let_go == "pin the same":
        assert transitions.pin(now, target).pin is None
    else:
        assert getattr(transitions, let_go)(now).pin is None


def test_p_pins_what_is_under_the_mouse_or_the_present_step():
    hovered = transitions.hover(session(step=5), at("input", 0, 2))
    assert transitions.toggle_pin(hovered).pin == at("input", 0, 2)
    assert transitions.toggle_pin(session(step=5)).pin == at("output", 1, 1)


@pytest.mark.parametrize("how", ["hover", "pin"])
def test_keys_go_on_from_the_output_cell_that_is_looked_at(how):
    now = getattr(transitions, how)(session(step=1), at("output", 2, 1))
    after = transitions.advance(now)
    assert (after.playhead.step, after.pin, after.hover) == (10, None, None)


def test_the_mouse_over_the_map_does_not_carry_playback_away():
    now = transitions.hover(playing(1), at("output", 2, 3))
    after = transitions.tick(now)
    assert (after.playhead.step, after.hover) == (2, None)
    terms = transitions.hover(playing(1, by_terms=True), at("output", 2, 3))
    assert transitions.tick(terms).playhead == Playhead(1, 0)


@pytest.mark.parametrize("how", ["hover", "pin"])
@pytest.mark.parametrize("target", [at("input", 1, 1), at("kernel", 0, 0), at("window", 0, 0)])
def test_what_is_looked_at_beside_the_map_stays_while_playing(how, target):
    now = getattr(transitions, how)(playing(1), target)
    after = transitions.tick(now)
    assert (after.playhead.step, after.target) == (2, target)


def test_escape_leaves_one_thing_after_the_other():
    now = transitions.select(playing(3), at("input", 0, 0))
    now = transitions.show_message(transitions.pin(now, at("input", 0, 0)), Message("Saved"))
    now = transitions.escape(now)
    assert (now.message, now.pin) == (None, at("input", 0, 0))
    now = transitions.escape(now)
    assert (now.pin, now.selection) == (None, one_selected("input", (0, 0)))
    assert now.playback.playing
    now = transitions.escape(now)
    assert (now.selection, now.playback.playing) == (None, False)


@pytest.mark.parametrize(
    ("transition", "arguments", "found"),
    [
        ("set_theme", ("light",), lambda view: view.theme == "light"),
        ("set_whole_map", (True,), lambda view: view.whole_map),
        ("set_histograms", (False,), lambda view: not view.histograms),
        ("set_layout", ((0.5, 0.2, 0.3), 0.4), lambda view: view.strip == 0.4),
    ],
)
def test_how_the_scene_is_looked_at_is_no_change_of_the_document(transition, arguments, found):
    before = session()
    after = getattr(transitions, transition)(before, *arguments)
    assert found(after.view)
    assert after.document is before.document
    assert not after.history.past


def test_a_pane_zooms_in_from_fitted_up_to_a_limit_and_fits_again():
    now = transitions.zoom(session(), "input", Zoom(3.0, 0.2, 0.8))
    assert derive_scene(now).input.zoom == Zoom(3.0, 0.2, 0.8)
    assert derive_scene(now).output.zoom == Zoom()
    assert transitions.zoom(now, "input", Zoom(0.1)).view.zooms["input"].factor == 1
    assert (
        transitions.zoom(now, "input", Zoom(1e9)).view.zooms["input"].factor
        == transitions.LARGEST_ZOOM
    )
    assert derive_scene(transitions.fit(now)).input.zoom == Zoom()
