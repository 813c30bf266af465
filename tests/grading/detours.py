"""Write an answer in another way from outside: other wrappings, other layouts of its arrays, there and back.

A wrapping suits any answer. A detour suits a function of arrays. Where the axes of a question's arguments and
results have names (`AXES`), its answer can also be computed part by part along some of them, or on shuffled
examples, and put together again.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

Answer = Callable[..., Any]


# --- any answer -----------------------------------------------------------------------------------------


def through_a_function(answer: Answer) -> Answer:
    def outer(*args):
        return answer(*args)

    return outer


def through_keywords(answer: Answer) -> Answer:
    """Called with every argument by its name."""
    names = [
        p.name for p in inspect.signature(answer).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD
    ]

    def outer(*args):
        return answer(**dict(zip(names, args, strict=False)))

    return outer


def decorated(answer: Answer) -> Answer:
    calls = []

    @functools.wraps(answer)
    def outer(*args, **kwargs):
        calls.append(len(args))
        return answer(*args, **kwargs)

    return outer


def an_object(answer: Answer) -> Answer:
    class Callable:
        def __call__(self, *args):
            return answer(*args)

    return Callable()


def a_method(answer: Answer) -> Answer:
    class Holder:
        def method(self, *args):
            return answer(*args)

    return Holder().method


def a_partial(answer: Answer) -> Answer:
    return functools.partial(lambda function, *args: function(*args), answer)


def a_lambda(answer: Answer) -> Answer:
    return lambda *args, **kwargs: answer(*args, **kwargs)


WRAPPINGS = (through_a_function, through_keywords, decorated, an_object, a_method, a_partial, a_lambda)


def a_subclass(answer: type) -> type:
    return type(answer.__name__, (answer,), {})


def a_subclass_with_its_own_start(answer: type) -> type:
    class Answer(answer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)

    return Answer


def a_maker(answer: type) -> Answer:
    return lambda *args, **kwargs: answer(*args, **kwargs)


def a_partial_class(answer: type) -> Answer:
    return functools.partial(answer)


CLASS_WRAPPINGS = (a_subclass, a_subclass_with_its_own_start, a_maker, a_partial_class)


def its_apply(answer: type) -> Answer:
    return answer.apply


FUNCTION_WRAPPINGS = (a_subclass, its_apply)  # of a `torch.autograd.Function`


# --- functions of arrays ---------------------------------------------------------------------------------


def _on_arrays(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Answer], Answer]:
    """A detour that changes how the array arguments are laid out, not their values."""

    def detour(answer: Answer) -> Answer:
        def outer(*args):
            return answer(*(change(a) if isinstance(a, np.ndarray) and a.ndim else a for a in args))

        return outer

    return detour


def _on_results(change: Callable[[Any], Any]) -> Callable[[Answer], Answer]:
    """A detour that gives the results in another kind of container."""

    def changed(value):
        if isinstance(value, (tuple, list)) and not _numbers(value):
            return type(value)(map(changed, value))
        return change(value)

    def detour(answer: Answer) -> Answer:
        return lambda *args: changed(answer(*args))

    return detour


def _numbers(value: Any) -> bool:
    return bool(value) and all(isinstance(v, (int, float, np.generic)) for v in value)


def _strided(a: np.ndarray) -> np.ndarray:
    """Every second entry of an array twice as long; a vector as it is.

    PyTorch 2.13 reads a strided γ as if it were not, in `batch_norm` on images of one pixel, backwards.
    """
    return np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim > 1 else a


def _wide(a: np.ndarray) -> np.ndarray:
    return a.astype(np.float64) if a.dtype.kind == "f" else a


def _from_a_tensor(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def _as_a_tensor(value: Any) -> Any:
    return value if isinstance(value, torch.Tensor) else torch.tensor(np.ascontiguousarray(value))


fortran_order = _on_arrays(np.asfortranarray)
strided = _on_arrays(_strided)
in_float64 = _on_arrays(_wide)
as_lists = _on_results(lambda value: np.asarray(_from_a_tensor(value)).tolist())
as_rows = _on_results(lambda value: list(_from_a_tensor(value)) if np.ndim(value) else value)
as_tensors = _on_results(lambda value: _as_a_tensor(value) if np.ndim(value) else value)
in_fortran_order = _on_results(
    lambda value: np.asfortranarray(_from_a_tensor(value)) if np.ndim(value) else value
)

LAYOUTS = {
    "Fortran order": fortran_order,
    "strided": strided,
    "float64": in_float64,
    "lists": as_lists,
    "rows": as_rows,
    "tensors": as_tensors,
    "results in Fortran order": in_fortran_order,
}


# --- along named axes -------------------------------------------------------------------------------------

# A letter an axis, "..." for any number of them, nothing for a number. Behind the colon: the axes along
# which the answer can be computed part by part; shuffled may be any.
AXES = {
    "standardize": "nd->nd:d",
    "max_stable_learning_rate": "nd->:",
    "batch_stats": "nd->d,d:d",
    "batch_norm_forward": "nd,d,d,->nd:d",
    "identity_affine": "d,d,->d,d:d",
    "stable_variance": "nd->d:d",
    "affine_backward": "nd,nd,d->nd,d,d:d",
    "standardize_backward": "nd,nd,->d,d,nd:d",
    "batch_norm_backward": "nd,nd,d,->nd,d,d:d",
    "update_running_stats": "d,d,nd,->d,d:d",
    "batch_norm_inference": "nd,d,d,d,d,->nd:nd",
    "fold_into_linear": "oi,o,o,o,o,o,->oi,o:o",
    "batch_norm_2d": "nchw,c,c,->nchw:c",
    "batch_norm_2d_backward": "nchw,nchw,c,->nchw,c,c:c",
    "fold_into_conv": "oihw,o,o,o,o,o,->oihw,o:o",
    "ghost_batch_norm": "nd,d,d,,->nd:d",
    "merge_stats": "kd,kd,k->d,d:d",
    "batch_renorm_forward": "nd,d,d,d,d,,,->nd:d",
    "layer_norm": "...d,d,d,->...d:",
    "instance_norm": "nchw,c,c,->nchw:nc",
    "group_norm": "nchw,c,c,,->nchw:n",
    "adain": "ncij,nckl,->ncij:nc",
    "weight_standardize": "oihw,->oihw:o",
    "masked_batch_norm": "ntd,n,d,d,->ntd:d",
    "rms_norm": "...d,d,->...d:",
    "weight_norm": "oi,o->oi:o",
    "dynamic_tanh": "...d,,d,d->...d:",
}
# Along these the order or the neighbours of the entries count.
_ORDERED = {"ghost_batch_norm": "n", "group_norm": "c", "masked_batch_norm": "t"}


@dataclass(frozen=True)
class Along:
    """A detour of one question along one of its axes."""

    question: str
    letter: str
    shuffled: bool

    def __str__(self) -> str:
        return f"{'shuffled' if self.shuffled else 'part by part'} along {self.letter}"

    def __call__(self, answer: Answer) -> Answer:
        inputs, outputs = _signature(self.question)
        run = self._shuffle if self.shuffled else self._part_by_part

        def outer(*args):
            where = [_axis(term, self.letter) for term in inputs]
            size = next(
                a.shape[w] for a, w in zip(args, where, strict=False) if w is not None and a is not None
            )
            after = [_axis(term, self.letter) for term in outputs]
            return run(lambda *args: _results(answer(*args), len(outputs)), args, where, after, size)

        return outer

    def _shuffle(self, answer, args, where, after, size):
        order = np.random.default_rng(size).permutation(size)
        values = answer(*_taken(args, where, order))
        back = np.argsort(order)
        values = [v if w is None else np.take(v, back, w) for v, w in zip(values, after, strict=True)]
        return tuple(values) if len(values) > 1 else values[0]

    def _part_by_part(self, answer, args, where, after, size):
        parts = [answer(*_taken(args, where, [i])) for i in range(size)]
        values = [
            np.concatenate(of_parts, axis)
            for of_parts, axis in zip(zip(*parts, strict=True), after, strict=True)
        ]
        return tuple(values) if len(values) > 1 else values[0]


def _signature(question: str) -> tuple[list[str], list[str]]:
    inputs, outputs = AXES[question].partition(":")[0].split("->")
    return inputs.split(","), outputs.split(",")


def _axis(term: str, letter: str) -> int | None:
    """Where the axis is; counted from the back where there are any number before it."""
    if letter not in term:
        return None
    return term.index(letter) - len(term) if "..." in term else term.index(letter)


def _taken(args, where, index):
    return [a if w is None or a is None else np.take(a, index, w) for a, w in zip(args, where, strict=False)]


def _results(value: Any, count: int) -> list[np.ndarray]:
    """The results, `count` of them, as arrays, whatever they were given as."""
    return [_array(v) for v in value] if count > 1 else [_array(value)]


def _array(value: Any) -> np.ndarray:
    if isinstance(value, (tuple, list)):
        return np.array([_array(v) for v in value])
    return np.asarray(_from_a_tensor(value))


def along(question: str) -> list[Along]:
    """The detours of a question along its named axes."""
    if question not in AXES:
        return []
    letters = sorted({c for term in _signature(question)[0] for c in term if c.isalpha()})
    parts = AXES[question].partition(":")[2]
    found = [Along(question, letter, True) for letter in letters if letter not in _ORDERED.get(question, "")]
    return found + [Along(question, letter, False) for letter in letters if letter in parts]
