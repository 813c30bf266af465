"""The training loop: it learns, repeats, can be interrupted, and looks without touching."""

import math

import pytest
import torch
from torch import nn

from bn_course.nets import accuracy, batches, best, digits, evaluate, mlp, seeded, sweep, train
from bn_course.nets.train import History
from bn_course.nets.tune import Run


def model_and_optimiser(rate=0.1, seed=0):
    with seeded(seed):
        model = mlp([64, 32, 10])
    return model, torch.optim.SGD(model.parameters(), lr=rate)


def run(steps=20, **options):
    model, optimiser = model_and_optimiser()
    return train(model, digits(), optimiser, steps, **options)


def test_it_learns_digits():
    history = run(100)
    assert history.accuracy[-1] > 0.85 > 0.4 > history.accuracy[0]
    assert history.loss[-1] < history.loss[0] / 2


def test_the_same_seed_gives_the_same_history():
    a, b = run(seed=3), run(seed=3)
    assert (a.loss, a.accuracy) == (b.loss, b.accuracy)
    assert run(seed=4).loss != a.loss


def test_it_looks_at_the_start_every_so_often_and_at_the_end():
    history = run(25, every=10)
    assert history.steps == [0, 10, 20, 25]
    assert len(history.accuracy) == len(history.seconds) == 4
    assert history.seconds == sorted(history.seconds)
    assert run(20, every=10).steps == [0, 10, 20]


def test_looking_changes_nothing_of_the_training():
    assert run(20, every=1).loss == run(20, every=20).loss


def test_a_run_that_diverges_ends_and_says_so():
    model, optimiser = model_and_optimiser()
    model[0].weight.data.fill_(math.nan)
    history = train(model, digits(), optimiser, 20)
    assert history.diverged
    assert len(history.loss) == 1


def test_an_interrupt_keeps_what_was_done():
    def stop(step, model):
        if step == 7:
            raise KeyboardInterrupt

    history = run(20, watch=stop)
    assert history.interrupted
    assert len(history.loss) == 8
    assert history.steps[-1] == 8


def test_watch_sees_the_gradients_before_the_update():
    seen = []

    def watch(step, model):
        seen.append((step, model[0].weight.grad.norm().item(), model[0].weight.sum().item()))

    model, optimiser = model_and_optimiser()
    before = model[0].weight.sum().item()
    train(model, digits(), optimiser, 3, watch=watch)
    assert [step for step, _, _ in seen] == [0, 1, 2]
    assert seen[0][1] > 0
    assert seen[0][2] == before


def test_a_schedule_is_stepped_after_each_update():
    model, optimiser = model_and_optimiser(rate=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10)
    train(model, digits(), optimiser, 10, schedule=schedule)
    assert optimiser.param_groups[0]["lr"] == pytest.approx(0)


def test_a_bar_on_request(capsys):
    run(5, progress=True)
    assert "step" in capsys.readouterr().err


def test_batches_are_full_and_go_through_all_examples_before_any_comes_again():
    drawn = batches(digits().train, 250, seed=1)
    epoch = torch.cat([next(drawn).x for _ in range(4)])
    assert len(torch.unique(epoch, dim=0)) == 1000
    assert len(next(batches(digits().train, 300))) == 300


@pytest.mark.parametrize("size", [0, 1001])
def test_a_batch_size_that_cannot_be_filled_is_refused(size):
    with pytest.raises(ValueError, match="between 1 and 1000"):
        next(batches(digits().train, size))


@pytest.mark.parametrize("training", [False, True])
def test_evaluating_leaves_modes_buffers_and_gradients_as_they_were(training):
    model, _ = model_and_optimiser()
    model[1].eval()
    modes = [m.training for m in model.modules()]
    state = {key: value.clone() for key, value in model.state_dict().items()}
    outputs = evaluate(model, digits().test, training)
    assert [m.training for m in model.modules()] == modes
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert not outputs.requires_grad


def test_evaluating_in_training_mode_uses_the_batch():
    model, _ = model_and_optimiser()
    test = digits().test
    model.train()
    assert torch.allclose(evaluate(model, test, training=True), model(test.x))
    assert not torch.allclose(evaluate(model, test), evaluate(model, test, training=True))


def test_evaluating_puts_everything_back_when_the_model_raises():
    model = nn.Sequential(nn.Linear(3, 2))
    with pytest.raises(RuntimeError):
        evaluate(model, digits().test)
    assert model.training


def test_seeded_puts_the_generator_back():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    with seeded(0):
        torch.rand(7)
    assert torch.equal(torch.rand(1), expected)


def test_sweep_starts_every_rate_from_the_same_weights_and_best_chooses():
    runs = sweep(lambda: mlp([64, 32, 10]), [1e-4, 0.1, 1e6], digits(), 60)
    assert [r.rate for r in runs] == [1e-4, 0.1, 1e6]
    assert len({r.history.loss[0] for r in runs}) == 1
    assert best(runs).rate == 0.1
    assert accuracy(best(runs).model, digits().test) > 0.85


def test_a_run_that_diverged_is_never_best():
    good, bad = History(accuracy=[0.1]), History(accuracy=[0.9], diverged=True)
    runs = [Run(1, None, bad), Run(2, None, good)]
    assert best(runs).rate == 2
