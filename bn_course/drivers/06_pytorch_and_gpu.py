"""How the probes of lesson 06 use an answer: tensors, types and layers are built here, from plain data."""

from bn_course.drivers import with_zero

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def count_bytes(answer, shape, name, op):
    """`answer(shape, dtype, op)`, with the type of torch's that is called so."""
    import torch

    return answer(shape, getattr(torch, name), op)


def function(answer, x, gamma, beta, eps, dy, w):
    """y, the gradients for dy, and the gradients of Σ dx·w once more: for x, γ and dy."""
    import torch

    x, gamma, beta = (torch.tensor(array, requires_grad=True) for array in (x, gamma, beta))
    dy = torch.tensor(dy, requires_grad=True)
    y = with_zero(getattr(answer, "apply", answer), x, gamma, beta, eps)
    if y is None or y is ...:
        return y
    dx, dgamma, dbeta = torch.autograd.grad(y, (x, gamma, beta), dy, create_graph=True)
    if dx.requires_grad:
        again = torch.autograd.grad((dx * torch.tensor(w)).sum(), (x, gamma, dy), allow_unused=True)
    else:
        again = (None, None, None)  # nothing to differentiate: dx is a constant
    second = [torch.zeros_like(t) if g is None else g for g, t in zip(again, (x, gamma, dy), strict=True)]
    return y, dx, dgamma, dbeta, *second


def layer(answer, arguments, steps, dtype):
    """Make a layer of this type and use it, step by step; return what the steps gave, in order.

    A step is ("train",), ("eval",), ("set", γ, β), ("forward", x), ("backward", dy): dx and the gradients of
    the parameters, ("twice", x, dy, w): the gradient for x of Σ dx·w, ("buffers",): the running statistics,
    the count, and whether they are kept out of the graph, ("keys",) or ("load", names, arrays).
    """
    import torch

    dtype = getattr(torch, dtype)
    subject = answer(*arguments)
    if subject is None or subject is ...:
        return subject
    subject = subject.to(torch.float32 if dtype.itemsize < 4 else dtype)
    given = []
    x = y = None
    for action, *rest in steps:
        if action in ("train", "eval"):
            subject.train(action == "train")
        elif action == "set":
            with torch.no_grad():
                for parameter, array in zip((subject.weight, subject.bias), rest, strict=True):
                    parameter.copy_(torch.tensor(array))
        elif action == "forward":
            x = torch.tensor(rest[0]).to(dtype).requires_grad_()
            y = subject(x)
            if y is None or y is ...:
                return y
            given += [y.detach().clone(), y.dtype == x.dtype]
        elif action == "backward":
            subject.zero_grad()
            # Statistics that keep the graph are told by "buffers", not by an error of autograd's.
            y.backward(torch.tensor(rest[0]).to(dtype), retain_graph=True)
            given.append(x.grad)
            given += [p.grad.clone() for p in subject.parameters() if p.grad is not None]
        elif action == "twice":
            given.append(_twice(subject, *(torch.tensor(array).to(dtype) for array in rest)))
        elif action == "buffers":
            buffers = [torch.as_tensor(getattr(subject, name)) for name in BUFFERS]
            given += [b.detach().clone().double() for b in buffers]
            given.append(not any(b.requires_grad for b in buffers))
        elif action == "keys":
            given.append(" ".join(subject.state_dict()))
        elif action == "load":
            names, arrays = rest
            subject.load_state_dict({n: torch.tensor(a) for n, a in zip(names, arrays, strict=True)})
    return tuple(given)


def _twice(subject, x, dy, w):
    import torch

    x.requires_grad_()
    (dx,) = torch.autograd.grad(subject(x), x, dy, create_graph=True)
    if not dx.requires_grad:
        return torch.zeros_like(x)
    return torch.autograd.grad((dx * w).sum(), x)[0]


def errors(answer, cases):
    """What is raised for each (training, shape): the name of the error's type, or nothing."""
    import torch

    said = []
    for training, shape in cases:
        subject = answer(3)
        if subject is None or subject is ...:
            return subject
        try:
            if subject.train(training)(torch.randn(shape)) is None:
                return None
            said.append("nothing")
        except NotImplementedError:
            raise
        except Exception as error:  # which one is what is asked
            said.append(type(error).__name__)
    return tuple(said)
