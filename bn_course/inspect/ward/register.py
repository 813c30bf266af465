"""The list of planted faults: a name, what plants it, and the words of a right explanation."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from bn_course.inspect.ward import faults as f
from bn_course.inspect.ward import faults_in_batches as g

FIT = "not those of its input"
UNSEEN = "never recorded"


@dataclass(frozen=True)
class Fault:
    """`plant` gives an Inspection; `said` is a regular expression that the right warning matches.

    `note`: the fault does no harm in itself, and a note is enough. `besides`: what else is true of the model
    as it was planted, and may be said.
    """

    plant: Callable
    said: str
    besides: str = "$^"
    note: bool = False


FAULTS = {
    "evaluated in training mode": Fault(f.evaluated_in_training_mode, "gradients off"),
    "evaluated with gradients": Fault(f.evaluated_with_gradients, "no backward pass"),
    "only the top in evaluation mode": Fault(f.only_the_top_set_to_evaluation, "gradients off"),
    "checkpointed": Fault(f.checkpointed, "during the backward pass"),
    "frozen by gradients alone": Fault(f.frozen_by_gradients_alone, "still move"),
    "frozen in part": Fault(f.frozen_in_part, "still move"),
    "left in evaluation": Fault(f.left_in_evaluation, "evaluation mode, the model is not", note=True),
    "checkpoint without buffers": Fault(f.checkpoint_without_buffers, UNSEEN),
    "frozen, never loaded": Fault(f.never_loaded, UNSEEN),
    "averaged without buffers": Fault(f.averaged_without_buffers, f"{UNSEEN}|{FIT}"),
    "averaged far apart": Fault(f.averaged_far_apart, FIT),
    "fold forgets the bias": Fault(f.fold_forgets_the_bias, FIT),
    "folded and kept": Fault(f.folded_and_kept, FIT),
    "other contrast": Fault(f.other_contrast, FIT),
    "raw pixels": Fault(f.raw_pixels, FIT),
    "deviation for variance": Fault(f.deviation_for_variance, FIT),
    "mean and variance exchanged": Fault(f.mean_and_variance_exchanged, FIT),
    "channels permuted": Fault(f.channels_permuted, FIT),
    "instance statistics of other data": Fault(f.instance_statistics_of_other_data, FIT),
    "no statistics at all": Fault(f.no_statistics_at_all, "no running statistics"),
    "tracking switched off": Fault(f.tracking_switched_off, "never move"),
    "kept in bfloat16": Fault(f.kept_in(torch.bfloat16), "bfloat16"),
    "kept in float16": Fault(f.kept_in(torch.float16), "float16"),
    "momentum 0": Fault(f.momentum(0.0), "never move"),
    "momentum 0.99": Fault(f.momentum(0.99), "last batch alone"),
    "momentum 0.0001": Fault(f.too_slow, "lag"),
    "keeps a hundredth": Fault(f.keeps_a_hundredth, "last batch alone"),
    "real and generated": Fault(g.real_and_generated, "two kinds of data"),
    "two domains": Fault(g.two_domains, "two kinds of data"),
    "one class a batch": Fault(g.one_class_a_batch, "one class"),
    "last batch of one": Fault(g.last_batch(1), "single value"),
    "last batch of three": Fault(g.last_batch(3), "only 3 values"),
    "batches of two": Fault(g.batches_of_two, "only 2 values"),
    "one norm for two": Fault(g.one_norm_for_two, "several times a pass"),
    "one norm for all scales": Fault(g.one_norm_for_all_scales, "several times a pass"),
    "pairs recognise each other": Fault(g.pairs_recognise_each_other, "pairs|copies"),
    "detached": Fault(g.detached(), "detached"),
    "mean detached": Fault(g.detached(var=False), "detached"),
    "variance detached": Fault(g.detached(mean=False), "detached"),
    "dropout before": Fault(g.dropout_before, "dropout", besides=FIT),
    "dropout of channels before": Fault(g.dropout_of_channels, "dropout"),
    "bias before": Fault(g.bias_before, "bias", note=True),
    "ε above the variance": Fault(g.epsilon_above, "ε"),
    "tiny input": Fault(g.tiny_input, "ε"),
    "ε above the variance, layer norm": Fault(g.epsilon_above_in_layer_norm, "ε"),
    "dead channels": Fault(g.dead_channels, "constant|dead"),
    "γ decayed": Fault(g.gamma(1e-5), "γ", besides="ε|constant|" + FIT),
    "γ exploded": Fault(g.gamma(1e3), "γ", besides=FIT),
    "NaN in a buffer": Fault(g.spoilt("running_mean", torch.nan), "NaN"),
    "infinite γ": Fault(g.spoilt("weight", torch.inf), "infinity"),
    "negative variance": Fault(g.spoilt("running_var", -1.0), "negative", besides="NaN"),
    "NaN in the input": Fault(g.spoilt_input, "inputs hold NaN"),
    "instance of one place": Fault(g.instance_of_one_place, "single value"),
    "group of one": Fault(g.group_of_one, "single value"),
    "measured anew with dropout": Fault(g.measured_with_dropout, "dropout"),
    "measured anew, class by class": Fault(g.measured_class_by_class, "between", besides="one class"),
    "frozen and woken": Fault(g.frozen_and_woken, "frozen"),
}
