"""The list of planted faults: a name, what plants it, and the words of a right explanation."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from bn_course.inspect.ward import faults as f

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
    "real and generated": Fault(f.real_and_generated, "two kinds of data"),
    "two domains": Fault(f.two_domains, "two kinds of data"),
    "one class a batch": Fault(f.one_class_a_batch, "one class"),
    "last batch of one": Fault(f.last_batch(1), "single value"),
    "last batch of three": Fault(f.last_batch(3), "only 3 values"),
    "batches of two": Fault(f.batches_of_two, "only 2 values"),
    "one norm for two": Fault(f.one_norm_for_two, "several times a pass"),
    "one norm for all scales": Fault(f.one_norm_for_all_scales, "several times a pass"),
    "pairs recognise each other": Fault(f.pairs_recognise_each_other, "pairs|copies"),
    "detached": Fault(f.detached(), "detached"),
    "mean detached": Fault(f.detached(var=False), "detached"),
    "variance detached": Fault(f.detached(mean=False), "detached"),
    "dropout before": Fault(f.dropout_before, "dropout", besides=FIT),
    "dropout of channels before": Fault(f.dropout_of_channels, "dropout"),
    "bias before": Fault(f.bias_before, "bias", note=True),
    "ε above the variance": Fault(f.epsilon_above, "ε"),
    "tiny input": Fault(f.tiny_input, "ε"),
    "ε above the variance, layer norm": Fault(f.epsilon_above_in_layer_norm, "ε"),
    "dead channels": Fault(f.dead_channels, "constant|dead"),
    "γ decayed": Fault(f.gamma(1e-5), "γ", besides="ε|constant|" + FIT),
    "γ exploded": Fault(f.gamma(1e3), "γ", besides=FIT),
    "NaN in a buffer": Fault(f.spoilt("running_mean", torch.nan), "NaN"),
    "infinite γ": Fault(f.spoilt("weight", torch.inf), "infinity"),
    "negative variance": Fault(f.spoilt("running_var", -1.0), "negative", besides="NaN"),
    "NaN in the input": Fault(f.spoilt_input, "inputs hold NaN"),
    "instance of one place": Fault(f.instance_of_one_place, "single value"),
    "group of one": Fault(f.group_of_one, "single value"),
    "measured anew with dropout": Fault(f.measured_with_dropout, "dropout"),
    "measured anew, class by class": Fault(f.measured_class_by_class, "between"),
    "frozen and woken": Fault(f.frozen_and_woken, "frozen"),
}
