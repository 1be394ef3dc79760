"""Playing: by the clock, whatever the ticks do; and what of it is seen."""

import pytest
from PySide6.QtWidgets import QProxyStyle, QStyle

from convviz.model import changes, transitions
from convviz.model.session import SPEEDS, new_session
from convviz.ui.player import Player
from convviz.ui.store import Store

START = 7 * 16 + 4


@pytest.fixture
def quick(person):
    """Begin at the first step."""
    person.apply(transitions.first)
    return person


def play(person, speed, *, loop=False, direction=1, by_terms=False):
    person.apply(transitions.set_speed, speed)
    person.apply(transitions.set_loop, loop)
    person.apply(transitions.set_by_terms, by_terms)
    person.apply(transitions.play_forwards if direction > 0 else transitions.play_backwards)


def step(person):
    return person.session.playhead.step


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_position_follows_from_the_time_that_went_by(quick, speed):
    play(quick, speed)
    for number in range(1, 9):
        quick.clock.seconds = number * 4 / speed
        quick.window._player.timer.timeout.emit()
        assert step(quick) == number * 4


@pytest.mark.parametrize("tick", [0.016, 0.033, 0.040, 0.1, 0.25])
def test_late_ticks_lose_no_steps(quick, tick):
    """Ticks that come 22 % late would play 22 % slow if they were counted."""
    play(quick, 30)
    while quick.clock.seconds < 4:
        quick.wait(tick * 1.22)
    assert step(quick) == pytest.approx(quick.clock.seconds * 30, abs=1)


def test_a_thousand_steps_a_second_are_taken_several_at_a_time_and_it_is_said(quick):
    play(quick, 1000)
    quick.wait(0.016)
    assert step(quick) == 16
    assert quick.step_text == "step 17 / 256 · every 16th shown"
    quick.wait(0.004)
    assert step(quick) == 20
    quick.key("Space")
    assert quick.step_text == "step 21 / 256"


def test_it_stops_at_the_end_and_begins_anew(quick):
    play(quick, 1000)
    quick.wait(10)
    assert step(quick) == 255
    quick.wait(1)
    assert not quick.session.playback.playing
    assert not quick.window._player.timer.isActive()
    quick.key("Space")
    assert step(quick) == 0
    assert quick.session.playback.playing


def test_it_stops_at_the_beginning_when_it_plays_backwards(quick):
    quick.apply(transitions.seek, 3)
    play(quick, 1, direction=-1)
    seen = []
    for _ in range(5):
        quick.wait(1)
        seen.append(step(quick))
    assert seen == [2, 1, 0, 0, 0]
    assert not quick.session.playback.playing


@pytest.mark.parametrize(("direction", "steps"), [(1, [254, 255, 0, 1]), (-1, [1, 0, 255, 254])])
def test_a_loop_goes_round(quick, direction, steps):
    quick.apply(transitions.seek, steps[0] - direction)
    play(quick, 1, loop=True, direction=direction)
    seen = []
    for _ in steps:
        quick.wait(1)
        seen.append(step(quick))
    assert seen == steps
    assert quick.session.playback.playing


def test_products_are_played_one_by_one(quick):
    play(quick, 1, by_terms=True)
    seen = []
    for _ in range(11):
        quick.wait(1)
        seen.append((step(quick), quick.session.playhead.term))
    assert seen == [*((0, term) for term in range(9)), (1, 0), (1, 1)]


def test_products_stop_at_the_last_one(quick):
    quick.apply(transitions.seek, 255, 7)
    play(quick, 1, by_terms=True)
    quick.wait(1)
    assert (step(quick), quick.session.playhead.term) == (255, 8)
    quick.wait(1)
    assert not quick.session.playback.playing


def test_bias_and_activation_are_stages_of_their_own(quick):
    quick.apply(changes.set_bias, 2.0)
    quick.apply(changes.set_activation, "relu")
    play(quick, 1, by_terms=True)
    for _ in range(11):
        quick.wait(1)
    assert (step(quick), quick.session.playhead.term) == (0, 10)
    quick.wait(1)
    assert (step(quick), quick.session.playhead.term) == (1, 0)


def test_the_speed_can_be_changed_while_it_plays(quick):
    play(quick, 1)
    quick.wait(2)
    quick.key(">")
    quick.wait(2)
    assert step(quick) == 2 + 4
    quick.choose(quick.transport.speed, "0.5 steps/s")
    quick.wait(2)
    assert step(quick) == 7


def test_scrubbing_while_it_plays_goes_on_from_there(quick):
    play(quick, 1)
    quick.wait(2)
    quick.transport.scrubber.setSliderPosition(100)
    quick.wait(1)
    assert step(quick) == 101


def test_a_pause_takes_no_time_with_it(quick):
    play(quick, 1)
    quick.wait(2)
    quick.key("Space")
    quick.clock.seconds += 100
    quick.key("Space")
    assert step(quick) == 2
    quick.wait(1)
    assert step(quick) == 3


def test_a_smaller_map_in_the_middle_of_playing_does_no_harm(quick):
    quick.apply(transitions.seek, 200)
    play(quick, 1)
    quick.apply(changes.set_kernel_size, (16, 16))
    quick.apply(changes.set_padding, "valid")
    assert step(quick) == 0
    quick.wait(1)
    assert step(quick) == 0
    assert not quick.session.playback.playing


def test_an_invalid_setting_stops_playing(quick):
    play(quick, 1)
    quick.apply(changes.set_padding, "valid")
    quick.apply(changes.set_dilation, (30, 30))
    assert not quick.session.playback.playing
    assert not quick.window._player.timer.isActive()


@pytest.mark.parametrize(
    "transition",
    [
        transitions.toggle_playing,
        transitions.play_forwards,
        transitions.play_backwards,
        transitions.pause,
        transitions.advance,
        transitions.escape,
        transitions.faster,
        changes.undo,
        transitions.last,
    ],
)
def test_the_timer_runs_exactly_while_it_plays(person, transition):
    for before in (transitions.pause, transitions.play_forwards, transitions.play_backwards):
        person.apply(before)
        person.apply(transition)
        assert person.window._player.timer.isActive() == person.session.playback.playing


def test_a_tick_comes_at_most_every_16_milliseconds():
    store = Store(new_session())
    player = Player(store, lambda: 0.0)
    store.changed.connect(player.render)
    intervals = []
    for speed in SPEEDS:
        store.apply(transitions.set_speed, speed)
        store.apply(transitions.play_forwards)
        intervals.append(player.timer.interval())
    player.timer.stop()
    assert min(intervals) == 16
    assert intervals == [4000, 2000, 1000, 500, 250, 125, 62, 33, 17, 16, 16, 16, 16]


def test_a_clock_that_stands_still_moves_nothing(quick):
    play(quick, 1000)
    before = quick.session
    for _ in range(5):
        quick.window._player.timer.timeout.emit()
    assert quick.session is before


def test_what_plays_is_painted(quick):
    play(quick, 4)
    pictures = []
    for _ in range(4):
        quick.wait(0.25)
        pictures.append(quick.picture(quick.stage).tobytes())
    assert len(set(pictures)) == 4
    assert quick.transport.place_label.text() == "row 0, column 4"


# The kernel turns when convolution is chosen


@pytest.fixture
def correlating(person):
    """Cross-correlation with a kernel that is another one when flipped."""
    person.apply(changes.set_flip, False)
    return person


def turn_timer(person):
    return person.window._player.turn_timer


def let_turn(person, seconds):
    person.clock.seconds += seconds
    if turn_timer(person).isActive():
        turn_timer(person).timeout.emit()


def test_choosing_convolution_turns_the_kernel_for_six_tenths_of_a_second(correlating):
    correlating.press(correlating.panel.convolution)
    assert correlating.session.turn == 0
    assert turn_timer(correlating).isActive()
    seen = []
    for _ in range(6):
        let_turn(correlating, 0.1)
        seen.append(correlating.session.turn)
    assert seen == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert not turn_timer(correlating).isActive()
    let_turn(correlating, 5)
    assert correlating.session.turn == 1


def test_each_moment_of_the_turn_is_painted_and_the_last_is_the_flipped_kernel(correlating):
    pane = correlating.stage.kernel
    correlating.apply(changes.set_flip, True)
    pictures = []
    for _ in range(7):
        pictures.append(correlating.picture(pane).tobytes())
        let_turn(correlating, 0.11)
    assert len(set(pictures[:6])) == 6
    assert pictures[6] == correlating.picture(pane).tobytes()
    correlating.apply(transitions.turn, 0.5)
    correlating.apply(transitions.seek, START)
    assert correlating.picture(pane).tobytes() == pictures[6]


def test_the_products_are_right_while_the_kernel_turns(correlating):
    correlating.apply(changes.set_flip, True)
    during = correlating.window._scene
    correlating.apply(transitions.turn, 1.0)
    after = correlating.window._scene
    assert during.sentence == after.sentence
    assert (during.dot.weight.cells.values == after.dot.weight.cells.values).all()


@pytest.mark.parametrize(
    "move",
    [transitions.advance, transitions.play_forwards, transitions.last],
    ids=lambda move: move.__name__,
)
def test_a_step_ends_the_turn(correlating, move):
    correlating.apply(changes.set_flip, True)
    let_turn(correlating, 0.2)
    correlating.apply(move)
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()


def test_looking_around_does_not_hold_the_turn_up(correlating):
    correlating.apply(changes.set_flip, True)
    correlating.hover(correlating.stage.kernel, (0, 0))
    let_turn(correlating, 0.3)
    correlating.hover(correlating.stage.input, (5, 5))
    let_turn(correlating, 0.3)
    assert correlating.session.turn == 1


def test_going_back_and_forth_turns_anew(correlating):
    correlating.apply(changes.set_flip, True)
    let_turn(correlating, 0.3)
    correlating.apply(changes.set_flip, False)
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()
    correlating.apply(changes.set_flip, True)
    let_turn(correlating, 0.15)
    assert correlating.session.turn == pytest.approx(0.25)


def test_what_looks_the_same_flipped_does_not_turn(correlating):
    correlating.apply(changes.set_kernel_preset, "gaussian-5")
    correlating.apply(changes.set_flip, True)
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()


def test_nothing_turns_while_it_plays(correlating):
    correlating.apply(transitions.first)
    correlating.apply(transitions.play_forwards)
    correlating.apply(changes.set_flip, True)
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()


def test_nothing_turns_where_motion_is_not_wanted(correlating, application):
    application.setStyle(Still("Fusion"))
    correlating.apply(changes.set_flip, True)
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()
    application.setStyle("Fusion")


class Still(QProxyStyle):
    """The style of a desktop where animations are switched off."""

    def styleHint(self, hint, option=None, widget=None, data=None):
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, data)


def test_the_same_setting_again_and_undo_turn_nothing(correlating):
    correlating.apply(changes.set_flip, False)
    assert correlating.session.turn == 1
    correlating.apply(changes.set_flip, True)
    let_turn(correlating, 1)
    correlating.apply(changes.set_flip, True)
    assert correlating.session.turn == 1
    correlating.key("Ctrl+Z")
    assert correlating.session.turn == 1
    assert not turn_timer(correlating).isActive()


def test_exported_steps_show_the_kernel_at_rest(correlating):
    correlating.apply(changes.set_flip, True)
    assert transitions.seek(correlating.session, 3).turn == 1


# The store


def test_what_comes_while_a_change_is_shown_can_wait_until_it_is():
    store, told = Store(new_session()), []

    def answer(session):
        told.append(session.playhead.step)
        if len(told) == 1:
            store.when_shown(lambda: store.apply(transitions.last))
            told.append("still showing")

    store.changed.connect(answer)
    store.apply(transitions.advance)
    assert told == [START + 1, "still showing", 255]


def test_no_change_tells_nobody():
    store, told = Store(new_session()), []
    store.changed.connect(told.append)
    store.apply(transitions.hover, None)
    store.apply(changes.undo)
    assert told == []
