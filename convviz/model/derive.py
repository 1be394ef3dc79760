"""derive_scene: all that is shown of a session, by one pure function."""

from dataclasses import replace

from convviz.model.deriving.dot_products import dot_product, step_sentence
from convviz.model.deriving.grids import input_grid, output_grid
from convviz.model.deriving.kernels import kernel_scene
from convviz.model.deriving.learn import learn_scene, learn_status, learn_title
from convviz.model.deriving.marks import selection_text
from convviz.model.deriving.rows import channel_rows
from convviz.model.deriving.signals import signal_scene
from convviz.model.deriving.stack import stack_scene
from convviz.model.deriving.status import status_of
from convviz.model.deriving.step import Step
from convviz.model.deriving.still import still_kernel, still_layer
from convviz.model.scene import (
    Scene,
)
from convviz.model.session import Session


def derive_scene(session: Session) -> Scene:
    """Return what `session` shows."""
    return _learning(session) if session.learns else _scene(session)


def _learning(session: Session) -> Scene:
    """Return how a kernel is learnt, beside what the panel shows of the layer."""
    view = replace(session.view, workspace="convolve")
    behind = _scene(replace(session, view=view, hover=None, pin=None, selection=None, stroke=None))
    learn = learn_scene(session)
    run = learn.run
    grids = (run.target, run.kernel) if run else ()
    selected = selection_text(grids, session.view.numbers)
    return replace(
        behind,
        title=learn_title(session.document),
        workspace="learn",
        learn=learn,
        step=session.head.step,
        step_count=session.step_count,
        counter=run.counter if run else "",
        place=run.place if run else "",
        sentence=run.sentence if run else learn.problem,
        status=" · ".join(filter(None, (learn_status(session, learn), selected))),
    )


def _scene(session: Session) -> Scene:
    still = still_layer(session.document, session.layer, session.view.use_counts, session.stamping)
    channels, style = (session.channel, session.shown_source), session.view.numbers
    kernel = still_kernel(session.document, session.layer, *channels, style)
    step = Step(session, still, kernel)
    layered, signals = (session.view.workspace == name for name in ("layers", "signals"))
    inputs, kernels, output = input_grid(step), kernel_scene(step), output_grid(step)
    dot = dot_product(step)
    shown = () if layered else (inputs, kernels.grid)
    selected = selection_text((*shown, *filter(None, (kernels.bias,))), style)
    return Scene(
        title=kernel.title,
        caption=kernel.caption,
        workspace=session.view.workspace,
        input=inputs,
        kernel=kernels,
        output=output,
        dot=dot,
        stack=stack_scene(session, step.cell) if layered else None,
        rows=channel_rows(step) if layered else (),
        row_count=len(session.sources),
        size=still.size,
        step=session.cursor.step,
        step_count=session.step_count,
        place=step.place,
        sentence=step_sentence(step),
        status=" · ".join(filter(None, (status_of(step), selected))),
        signals=signal_scene(step, inputs, output, dot.equation) if signals else None,
    )
