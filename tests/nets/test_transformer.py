"""The causal transformer: it does not look ahead, unless batch statistics do."""

import math

import pytest
import torch
from torch import nn

from bn_course.nets import seeded
from bn_course.nets.text import ALPHABET, names_text, windows
from bn_course.nets.transformer import CausalAttention, Transformer, text_loss, train_on_text


@pytest.fixture
def pieces():
    return windows(names_text().test, 4, 15, seed=0)  # (4, 16)


def changed(pieces, place):
    other = pieces.clone()
    other[0, place] = (other[0, place] + 3) % len(ALPHABET)
    return other


def model_of(norm="layer", order="pre"):
    with seeded(0):
        return Transformer(width=16, depth=2, heads=2, context=16, norm=norm, order=order).double()


@pytest.mark.parametrize("order", ["pre", "post"])
@pytest.mark.parametrize("norm", ["none", "layer", "rms"])
def test_earlier_scores_do_not_depend_on_later_characters(pieces, norm, order):
    model = model_of(norm, order)
    moved = (model(changed(pieces, 9)) - model(pieces)).abs().amax((0, 2))
    assert (moved[:9] == 0).all()
    assert (moved[9:] > 0).all()


def test_batch_statistics_leak_and_running_ones_do_not(pieces):
    model = model_of("batch")
    assert (model(changed(pieces, 9)) - model(pieces))[:, :9].abs().min() > 0  # other pieces' scores too
    model.eval()
    assert (model(changed(pieces, 9)) - model(pieces))[:, :9].abs().max() == 0


def test_attention_is_torch_s():
    with seeded(0):
        ours, x = CausalAttention(8, 2).double(), torch.randn(3, 5, 8, dtype=torch.float64)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).double()
    theirs.load_state_dict(
        {
            "in_proj_weight": ours.project.weight,
            "in_proj_bias": ours.project.bias,
            "out_proj.weight": ours.out.weight,
            "out_proj.bias": ours.out.bias,
        }
    )
    later = torch.ones(5, 5, dtype=torch.bool).triu(1)
    torch.testing.assert_close(ours(x), theirs(x, x, x, attn_mask=later)[0])


def test_pre_norm_keeps_the_sum_and_post_norm_normalises_it(pieces):
    for order, normalised in (("pre", False), ("post", True)):
        model, sums = model_of(order=order), []
        model.head.register_forward_pre_hook(lambda _, x, sums=sums: sums.append(x[0]))
        if order == "pre":
            model.last_norm = nn.Identity()
        model(pieces)
        std = sums[0].std(-1, correction=0)
        assert torch.allclose(std, torch.ones_like(std), atol=1e-3) == normalised


def test_training_learns_and_repeats():
    losses = []
    for _ in range(2):
        with seeded(1):
            model = Transformer(width=16, depth=1, context=16)
        history = train_on_text(model, names_text(), 0.01, steps=60, batch_size=8, seed=1)
        losses.append(history.loss)
    assert losses[0] == losses[1]
    assert losses[0][0] == pytest.approx(math.log(len(ALPHABET)), abs=0.4)
    assert text_loss(model, names_text().validation) < 3.0
    assert not history.diverged


def test_a_run_whose_loss_is_not_finite_ends_and_says_so():
    model = Transformer(width=16, depth=1, context=16)
    with torch.no_grad():
        model.head.bias.fill_(torch.nan)
    history = train_on_text(model, names_text(), 0.01, steps=5, batch_size=2)
    assert history.diverged
    assert len(history.loss) == 1


def test_warm_up_raises_the_rate_step_by_step(monkeypatch):
    rates = []
    step = torch.optim.Adam.step
    monkeypatch.setattr(
        torch.optim.Adam, "step", lambda self: (rates.append(self.param_groups[0]["lr"]), step(self))
    )
    train_on_text(Transformer(width=16, depth=1, context=16), names_text(), 0.1, 6, batch_size=2, warm_up=4)
    assert rates == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


@pytest.mark.parametrize("training", [False, True])
def test_looking_at_the_loss_changes_nothing(training):
    model = model_of("batch").float()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    text_loss(model, names_text().test, training=training, count=4)
    assert model.training
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="order is 'middle'; it must be 'pre' or 'post'"):
        Transformer(order="middle")
    with pytest.raises(ValueError, match=r"text has shape \(1, 17\); it must be \(N, T\), T ≤ 16"):
        model_of()(torch.zeros(1, 17, dtype=torch.int64))
