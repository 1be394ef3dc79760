"""Why a weight's gradient is what it is; or what the image can teach, and the hidden kernel."""

from functools import lru_cache

from convviz.engine.learn_task import LearnTask
from convviz.model.deriving.learn_step import LearnStep
from convviz.model.equation import Equation, Line, Token, how_many_more
from convviz.model.learn_run import Run
from convviz.model.learn_scene import InsightScene, SmallKernel
from convviz.model.numbers import equals_text, rounded_text, signed
from convviz.model.scene import Cells, Scale, scale_of

MOST_WRITTEN = 9  # terms
MOST_KERNELS = 4
WHY = "Click a gradient to see its sum"


def insight_scene(step: LearnStep) -> InsightScene:
    """Return the explanation of the chosen weight's gradient, or what the image can teach."""
    return _teaching(step) if step.weight is None else _why(step)


def _why(step: LearnStep) -> InsightScene:
    task = step.run.task
    return InsightScene(
        title="Why this gradient",
        detail=step.weight_name,
        lines=(),
        symbols=_symbols(step, task),
        equation=_equation(step),
        hint="" if step.term is not None else "Key . adds the terms one by one",
    )


def _symbols(step: LearnStep, task: LearnTask) -> Line:
    error = "error" if task.loss.name == "mse" else "sign of error"
    slope = "" if task.activation.name == "none" else f" · slope of {task.activation.title}"
    return (
        Token(f"{step.share_text} · Σ ", "dim"),
        Token("input", "input"),
        Token(" · ", "dim"),
        Token(error, "error"),
        Token(slope, "dim"),
    )


def _equation(step: LearnStep) -> Equation:
    count, term = len(step.windows), step.term
    formed = count if term is None else term + 1
    first = min(
        max((0 if term is None else formed) - MOST_WRITTEN, 0), max(count - MOST_WRITTEN, 0)
    )
    last = min(first + MOST_WRITTEN, count)
    total = float((step.cells[:formed] * step.errors[:formed]).sum())
    text = signed(rounded_text(total, 3))
    whole: Line = (Token(f"≈ {step.share_text} · ({text})"),)
    so_far: Line = (Token(f"{formed} of {count} terms: {text}"),)
    value = equals_text(float(rounded_text(total * step.share, 3)))
    done = formed == count
    return Equation(
        terms=tuple(step.written(number) for number in range(first, last)),
        more=how_many_more(count - (last - first)),
        sums=whole if done else so_far,
        result=(Token(value.replace("=", "≈"), "result"),) if done else (),
    )


def _teaching(step: LearnStep) -> InsightScene:
    run = step.run
    determined = run.task.determined
    known = f"It determines {determined.rank} of {determined.numbers} directions"
    lines = [f"{known} of the kernel."]
    kernels = _free(run)
    if kernels:
        left_out = determined.numbers - determined.rank - len(kernels)
        more = f" (and {left_out} more)" if left_out else ""
        lines = [f"{known}; these{more} change nothing on the map:"]
    if step.session.learner.revealed and run.hidden is not None:
        off = rounded_text(step.state.distance(run.hidden), 2)
        lines.append(f"The hidden kernel is at most {off} away in a weight.")
        kernels = (*kernels, SmallKernel("hidden", Cells(run.hidden, _hidden_scale(run))))
    hint = "" if step.phase == 0 else WHY
    return InsightScene("What this image can teach", "", tuple(lines), kernels=kernels, hint=hint)


@lru_cache(maxsize=4)
def _hidden_scale(run: Run) -> Scale:
    assert run.hidden is not None
    return scale_of(run.hidden, signed=True)


@lru_cache(maxsize=4)
def _free(run: Run) -> tuple[SmallKernel, ...]:
    """Return some kernels that change nothing on the map."""
    determined = run.task.determined
    if determined.is_complete:
        return ()
    kernels = determined.kernels[:MOST_KERNELS, 0]
    return tuple(
        SmallKernel("", Cells(kernel, scale_of(kernel, signed=True))) for kernel in kernels
    )
