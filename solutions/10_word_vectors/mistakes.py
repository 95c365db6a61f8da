"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="negative-sign-of-negatives" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-hidden"
# hint: You reward a large score of the drawn words as well. Their scores go into the sigmoid with the sign turned.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(drawn).sum(-1)).mean()


# %% mistake="negative-signs-swapped" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-hidden"
# hint: The signs have changed places: the word that stood near should score high, the drawn ones low.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(-near) + F.logsigmoid(drawn).sum(-1)).mean()


# %% mistake="negative-negatives-averaged" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You average over the negatives of a pair. They are summed; the mean is taken over pairs.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(
        F.logsigmoid(near)
        + F.logsigmoid(-drawn).sum(-1) / max(1, drawn.shape[-1])
    ).mean()


# %% mistake="negative-pairs-summed" of="negative" fails="negative-batch negative-shared negative-sizes negative-hidden"
# hint: You sum over the pairs. Take their mean.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).sum()


# %% mistake="negative-mean-of-all-terms" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You average all terms alike. A pair has one loss, the sum of its 1 + k terms; the mean is taken over pairs.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    near, drawn = F.logsigmoid(near), F.logsigmoid(-drawn)
    terms = torch.cat([near.unsqueeze(-1).expand(*near.shape, 1), drawn], -1)
    return -terms.mean()


# %% mistake="negative-log-of-sigmoid" of="negative" fails="negative-large"
# hint: σ is 0 or 1 in floating point where a score is large, and its logarithm infinite. `F.logsigmoid` computes both in one step.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(
        torch.sigmoid(near).log() + torch.sigmoid(-drawn).log().sum(-1)
    ).mean()


# %% mistake="negative-epsilon" of="negative" fails="negative-large"
# hint: What you add to the sigmoid keeps the logarithm finite, but wrong: a score of -3000 should cost 3000. Use `F.logsigmoid`.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(
        (torch.sigmoid(near) + 1e-9).log()
        + (torch.sigmoid(-drawn) + 1e-9).log().sum(-1)
    ).mean()


# %% mistake="negative-no-minus" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You return the logarithm of the likelihood, which training would make small. The loss is minus that.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return (F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-softmax" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You let the words compete in one softmax. Here each is a question by itself: near or drawn?
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    near = near.unsqueeze(-1)
    scores = torch.cat(
        [near, drawn.expand(*near.shape[:-1], drawn.shape[-1])], -1
    )
    return -scores.log_softmax(-1)[..., 0].mean()


# %% mistake="negative-negatives-against-positive" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You score the drawn words against the word that stood near. All are scored against the center.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (positive.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-sum-before-sigmoid" of="negative" fails="negative-one-pair negative-batch negative-shared negative-sizes negative-hidden"
# hint: You sum the scores of the negatives before the sigmoid. Each has a sigmoid of its own; sum their logarithms.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn.sum(-1))).mean()


# %% mistake="negative-one-batch-axis" of="negative" fails="negative-one-pair negative-batch negative-shared negative-sizes negative-hidden"
# hint: This wants exactly one axis in front. There may be many, or none: `(...)`.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = torch.bmm(negatives, center.unsqueeze(-1)).squeeze(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-negatives-not-shared" of="negative" fails="negative-shared negative-sizes"
# hint: Negatives of shape (k, d) belong to all pairs. Let them broadcast.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = torch.bmm(
        negatives.reshape(-1, *negatives.shape[-2:]),
        center.reshape(-1, center.shape[-1], 1),
    ).reshape(*center.shape[:-1], -1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-sharing-refused" of="negative" fails="negative-shared negative-sizes"
# hint: You refuse negatives of shape (k, d), as the chapter's function does. Here they are allowed, and belong to all pairs: compare the sizes `d` alone.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    k, d = negatives.shape[-2:]
    if positive.shape != center.shape or center.shape[-1] != d:
        raise ValueError("the shapes do not fit")
    if negatives.shape != (*center.shape[:-1], k, d):
        raise ValueError("each pair has its own negatives")
    near = (center * positive).sum(-1)
    drawn = (negatives @ center.unsqueeze(-1)).squeeze(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-no-check" of="negative" fails="negative-sizes"
# hint: Vectors of different sizes are not refused; a size of 1 broadcasts without a word.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean()


# %% mistake="negative-loss-of-each-pair" of="negative" fails="negative-batch negative-shared negative-sizes negative-hidden"
# hint: You return a loss for each pair. Take their mean.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1))


# %% mistake="negative-not-a-tensor" of="negative" fails="negative-one-pair negative-batch negative-shared negative-large negative-sizes negative-hidden"
# hint: You return a number. It has to stay a tensor, so that gradients flow.
# see: sec-10-word2vec
def negative_sampling_loss(center, positive, negatives):
    if not center.shape[-1] == positive.shape[-1] == negatives.shape[-1]:
        sizes = [x.shape[-1] for x in (center, positive, negatives)]
        raise ValueError(f"expected vectors of one size, got {sizes}")
    near = (center * positive).sum(-1)
    drawn = (center.unsqueeze(-2) * negatives).sum(-1)
    return -(F.logsigmoid(near) + F.logsigmoid(-drawn).sum(-1)).mean().item()


# %% mistake="glove-no-weight" of="glove" fails="glove-by-hand glove-fractions glove-nothing glove-hidden"
# hint: All cells with a count weigh the same. f lets rare ones weigh less.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-no-cap" of="glove" fails="glove-cap glove-words-and-contexts glove-hidden"
# hint: Your weight goes on growing behind x_max. It is 1 from there on.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-count-capped-too" of="glove" fails="glove-cap glove-words-and-contexts glove-hidden"
# hint: You cap the count in the logarithm too. Only the weight is capped.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.clamp(max=x_max).log()
    return (weight * error**2).sum()


# %% mistake="glove-log-of-one-more" of="glove" fails="glove-by-hand glove-cap glove-words-and-contexts glove-fractions glove-nothing glove-hidden"
# hint: You take log(1 + X). It is log X, and cells without counts are left out.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - (1 + known).log()
    return (weight * error**2).sum()


# %% mistake="glove-nan-in-the-loss" of="glove" fails="glove-nothing glove-hidden"
# hint: 0 · (-∞)² is NaN: a cell without counts spoils the whole sum. Take its logarithm out before you compute with it.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    known = counts.to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-nan-in-the-gradient" of="glove" fails="glove-nothing glove-hidden"
# hint: The loss is right, but gradients become NaN: `torch.where` at the end throws the value away, not the gradient. Replace the count of 0 before the logarithm.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen, known = counts > 0, counts.to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return torch.where(seen, weight * error**2, 0).sum()


# %% mistake="glove-nothing-to-the-power-of-nothing" of="glove" fails="glove-nothing glove-hidden"
# hint: With alpha = 0, 0 to the power of alpha is 1: then cells without counts weigh 1. Leave them out by name.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (counts.to(w.dtype) / x_max).clamp(max=1) ** alpha
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-nothing-counts-as-one" of="glove" fails="glove-nothing glove-hidden"
# hint: You take a count of 0 for a count of 1. It weighs nothing.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-counts-from-one" of="glove" fails="glove-fractions glove-hidden"
# hint: Counts below 1 are raised to 1. They count as they are: neighbours far away add fractions.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    known = known.clamp(min=1)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-mean" of="glove" fails="glove-by-hand glove-words-and-contexts glove-nothing glove-hidden"
# hint: You average over the cells. GloVe sums.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).mean()


# %% mistake="glove-mean-of-seen" of="glove" fails="glove-by-hand glove-words-and-contexts glove-hidden"
# hint: You average over the cells with counts. GloVe sums.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error**2).sum() / seen.sum()


# %% mistake="glove-halved" of="glove" fails="glove-by-hand glove-cap glove-words-and-contexts glove-fractions glove-nothing glove-hidden"
# hint: Your loss is half of it. There is no 1/2 in the formula.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return 0.5 * (weight * error**2).sum()


# %% mistake="glove-not-squared" of="glove" fails="glove-by-hand glove-cap glove-words-and-contexts glove-fractions glove-nothing glove-hidden"
# hint: You take the size of the error, not its square.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.log()
    return (weight * error.abs()).sum()


# %% mistake="glove-biases-swapped" of="glove" fails="glove-by-hand glove-words-and-contexts glove-hidden"
# hint: The biases have changed places: words are rows, contexts are columns.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w + b_c[:, None] - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-no-biases" of="glove" fails="glove-by-hand glove-words-and-contexts glove-nothing glove-hidden"
# hint: Both biases are missing.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    weight = (known / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T - known.log()
    return (weight * error**2).sum()


# %% mistake="glove-whole-numbers" of="glove" fails="glove-by-hand glove-fractions glove-hidden"
# hint: You make whole numbers of the counts. They may be fractions.
# see: sec-10-glove
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    seen = counts > 0
    known = torch.where(seen, counts, 1).to(w.dtype)
    known = known.round()
    seen = seen & (known > 0)
    weight = (known.clamp(min=1) / x_max).clamp(max=1) ** alpha * seen
    error = w @ c.T + b_w[:, None] + b_c - known.clamp(min=1).log()
    return (weight * error**2).sum()


# %% mistake="elmo-no-softmax" of="elmo" fails="elmo-by-hand elmo-shapes elmo-tasks elmo-sizes elmo-hidden"
# hint: Your weights are s itself. They go through a softmax, so that they are positive and sum to 1.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-softmax-over-tasks" of="elmo" fails="elmo-tasks elmo-sizes elmo-hidden"
# hint: Your softmax runs over the tasks. Each task shares its 1 among the layers: the last axis of s.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(0) * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-gamma-inside" of="elmo" fails="elmo-by-hand elmo-shapes elmo-tasks elmo-sizes elmo-hidden"
# hint: gamma stands inside of your softmax. There it makes the mix sharper; outside it scales the whole.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = (s * torch.as_tensor(gamma).unsqueeze(-1)).softmax(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-no-gamma" of="elmo" fails="elmo-by-hand elmo-shapes elmo-tasks elmo-sizes elmo-hidden"
# hint: gamma is never used.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-averaged" of="elmo" fails="elmo-by-hand elmo-shapes elmo-tasks elmo-sizes elmo-hidden"
# hint: You divide by the number of layers as well. The weights sum to 1 already.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1) * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1) / len(
        layers
    )


# %% mistake="elmo-not-normalised" of="elmo" fails="elmo-by-hand elmo-shapes elmo-tasks elmo-sizes elmo-hidden"
# hint: Your weights are powers of e that nothing divides: they do not sum to 1.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.exp() * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-overflow" of="elmo" fails="elmo-hidden"
# hint: exp of a large weight overflows, and the mix becomes NaN. Take the largest one away first, or use `softmax`.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = (
        s.exp()
        / s.exp().sum(-1, keepdim=True)
        * torch.as_tensor(gamma).unsqueeze(-1)
    )
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="elmo-one-maximum" of="elmo" fails="elmo-hidden"
# hint: You take one maximum over all tasks. A task whose scores lie far below it has only powers of 0 left, and 0 / 0 is NaN: take each task's own.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(
            f"expected {len(layers)} weights a task, got {s.shape[-1]}"
        )
    powers = (s - s.max()).exp()
    weights = powers / powers.sum(-1, keepdim=True)
    mixed = torch.tensordot(weights, layers, dims=1)
    gamma = torch.as_tensor(gamma)
    return gamma.reshape(gamma.shape + (1,) * (layers.dim() - 1)) * mixed


# %% mistake="elmo-one-task" of="elmo" fails="elmo-tasks elmo-sizes elmo-hidden"
# hint: This works for one task. `s` may be (tasks, L), and then gamma is (tasks,) and the answer has an axis more, in front.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1).reshape(-1, *[1] * (layers.dim() - 1))
    return gamma * (weights * layers).sum(0)


# %% mistake="elmo-tasks-behind" of="elmo" fails="elmo-tasks elmo-sizes elmo-hidden"
# hint: The axis of the tasks comes last in your answer. It comes first.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[-1] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1) * torch.as_tensor(gamma).unsqueeze(-1)
    mixed = torch.tensordot(weights.to(layers.dtype), layers, dims=1)
    return mixed if s.dim() == 1 else mixed.movedim(0, -1)


# %% mistake="elmo-no-check" of="elmo" fails="elmo-sizes"
# hint: A wrong number of weights is not refused; one alone broadcasts without a word.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    weights = s.softmax(-1).unsqueeze(-2) if s.dim() > 1 else s.softmax(-1)
    weights = weights.reshape(*s.shape, *[1] * (layers.dim() - 1))
    scale = torch.as_tensor(gamma)
    scale = scale.reshape(scale.shape + (1,) * (layers.dim() - 1))
    return scale * (weights * layers).sum(s.dim() - 1)


# %% mistake="elmo-check-of-first-axis" of="elmo" fails="elmo-tasks elmo-sizes elmo-hidden"
# hint: You compare the number of layers with the first axis of s. Where there are many tasks, that is their number: look at the last.
# see: sec-10-elmo
def elmo_mix(layers, s, gamma):
    if s.shape[0] != len(layers):
        raise ValueError(f"expected {len(layers)} weights, got {s.shape[-1]}")
    weights = s.softmax(-1) * torch.as_tensor(gamma).unsqueeze(-1)
    return torch.tensordot(weights.to(layers.dtype), layers, dims=1)


# %% mistake="slanted-papers-formula" of="slanted" fails="slanted-beyond slanted-rounded slanted-no-way-up slanted-hidden"
# hint: This is the formula of the paper as it stands. It comes down too early where steps · cut_frac is no whole number, divides by 0 where cut is 0, and falls on behind the end.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    if step < cut:
        p = step / cut
    else:
        p = 1 - (step - cut) / (cut * (1 / cut_frac - 1))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-papers-length" of="slanted" fails="slanted-rounded slanted-hidden"
# hint: Your way down is as long as the paper writes it. Where steps · cut_frac is no whole number it ends too early, and the rate falls below peak / ratio. It takes steps - cut.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    if step > steps:
        p = 0
    elif cut == 0:
        p = 1 - step / steps
    elif step < cut:
        p = step / cut
    else:
        p = 1 - (step - cut) / (cut * (1 / cut_frac - 1))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-goes-on-falling" of="slanted" fails="slanted-beyond slanted-no-way-up slanted-hidden"
# hint: Behind the last step your rate goes on falling. It stays at peak / ratio.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else (steps - step) / (steps - cut)
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-refuses-the-end" of="slanted" fails="slanted-beyond slanted-no-way-up slanted-hidden"
# hint: Steps behind the last one are no error: the rate stays at peak / ratio.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    if not 0 <= step <= steps:
        raise ValueError("no such step")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-divides-by-no-cut" of="slanted" fails="slanted-no-way-up slanted-hidden"
# hint: Where cut is 0 you divide by it. Then there is no way up: the rate starts at its peak.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step <= cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-cut-at-least-one" of="slanted" fails="slanted-no-way-up slanted-hidden"
# hint: You make cut at least 1. Where it is 0 the rate starts at its peak.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = max(1, math.floor(steps * cut_frac))
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-starts-at-zero" of="slanted" fails="slanted-up slanted-down slanted-beyond slanted-rounded slanted-no-way-up slanted-refuses slanted-hidden"
# hint: Your rate starts and ends at 0. ratio says how much of the peak is left there: peak / ratio.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * p


# %% mistake="slanted-ratio-turned" of="slanted" fails="slanted-up slanted-down slanted-beyond slanted-rounded slanted-no-way-up slanted-refuses slanted-hidden"
# hint: Your ratio is upside down: the lowest rate is peak / ratio, the highest is peak.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1))


# %% mistake="slanted-ratio-not-less-one" of="slanted" fails="slanted-up slanted-down slanted-beyond slanted-rounded slanted-no-way-up slanted-refuses slanted-hidden"
# hint: p is multiplied by ratio - 1, so that the top is peak itself.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * ratio) / ratio


# %% mistake="slanted-falls-to-zero" of="slanted" fails="slanted-down slanted-beyond slanted-rounded slanted-no-way-up slanted-hidden"
# hint: Your rate falls to 0 at the end. It falls to peak / ratio.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    if step >= cut:
        return peak * p
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-cut-rounded" of="slanted" fails="slanted-rounded slanted-no-way-up slanted-hidden"
# hint: cut is rounded to the nearest number. It is rounded down.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = round(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-cut-not-rounded" of="slanted" fails="slanted-rounded slanted-no-way-up slanted-hidden"
# hint: You compute with steps · cut_frac as it is. cut is rounded down.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = steps * cut_frac
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-counts-from-one" of="slanted" fails="slanted-up slanted-down slanted-beyond slanted-rounded slanted-no-way-up slanted-refuses slanted-hidden"
# hint: You count steps from 1. Step 0 is the first, with peak / ratio.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 <= cut_frac < 1:
        raise ValueError(f"expected 0 <= cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    step = step + 1
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-no-check" of="slanted" fails="slanted-refuses"
# hint: A cut_frac of 1 or more, or below 0, is not refused.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    cut = math.floor(steps * cut_frac)
    p = (
        step / cut
        if step < cut
        else max(0, (steps - step) / max(1, steps - cut))
    )
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="slanted-zero-refused" of="slanted" fails="slanted-no-way-up"
# hint: A cut_frac of 0 is allowed: then the rate starts at its peak.
# see: sec-10-ulmfit
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    if not 0 < cut_frac < 1:
        raise ValueError(f"expected 0 < cut_frac < 1, got {cut_frac}")
    cut = math.floor(steps * cut_frac)
    p = step / cut if step < cut else max(0, (steps - step) / (steps - cut))
    return peak * (1 + p * (ratio - 1)) / ratio


# %% mistake="gpt-one-order" of="gpt" fails="gpt-similarity gpt-hidden"
# hint: Similarity has no order: it takes two sequences, one for each. Yours has one.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-no-extract" of="gpt" fails="gpt-one-sequence gpt-similarity gpt-choice gpt-pad gpt-hidden"
# hint: The mark at the end is missing. The answer is read off there.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append(sequence)
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-no-delimiter" of="gpt" fails="gpt-one-sequence gpt-similarity gpt-choice gpt-pad gpt-hidden"
# hint: The mark between two texts is missing: the model can't see where one ends.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [*text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-delimiter-at-the-end" of="gpt" fails="gpt-one-sequence gpt-similarity gpt-choice gpt-pad gpt-hidden"
# hint: Your sequences end with the delimiter. They end with the mark to extract.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, delimiter])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-choices-in-one" of="gpt" fails="gpt-choice gpt-pad gpt-hidden"
# hint: You write all answers into one sequence. Each stands in one of its own, with the context.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [texts]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-context-grows" of="gpt" fails="gpt-similarity gpt-choice gpt-pad gpt-hidden"
# hint: Your context grows with each answer, and the caller's list with it. Make a new list for each.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = first
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([start, *sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-not-a-list-of-sequences" of="gpt" fails="gpt-one-sequence gpt-refuses gpt-hidden"
# hint: Where there is one sequence you return it bare. The answer is a list of sequences, always.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        sequences = [
            x + [special["pad"]] * (longest - len(x)) for x in sequences
        ]
    return sequences if len(sequences) > 1 else sequences[0]


# %% mistake="gpt-lists-in-lists" of="gpt" fails="gpt-one-sequence gpt-similarity gpt-choice gpt-pad gpt-refuses gpt-hidden"
# hint: Your sequences hold whole lists. They hold the ids, one after the other.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, first]
        for text in more:
            sequence += [delimiter, text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-unknown-task" of="gpt" fails="gpt-refuses"
# hint: A task that is not in the table is not refused.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if len(texts) != counts.get(task, max(3 * (task == "choice"), len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-extra-texts-ignored" of="gpt" fails="gpt-refuses"
# hint: You refuse too few texts, but not too many.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) < counts.get(task, 3):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    texts = texts if task == "choice" else texts[: counts[task]]
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-one-answer" of="gpt" fails="gpt-refuses"
# hint: A choice needs two answers or more, beside its context.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(2, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-marks-by-place" of="gpt" fails="gpt-hidden"
# hint: You take the marks in the order in which the dict holds them. Look them up by name.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    start, delimiter, extract = list(special.values())[:3]
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-empty-texts-dropped" of="gpt" fails="gpt-hidden"
# hint: You leave out a text without words, and its delimiter. It is a text all the same.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in filter(None, more):
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-no-pad" of="gpt" fails="gpt-pad gpt-hidden"
# hint: The sequences are not filled up where `special` holds a pad.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    return sequences


# %% mistake="gpt-pad-in-front" of="gpt" fails="gpt-pad gpt-hidden"
# hint: You fill up in front. The filling stands behind the sequence.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [[special["pad"]] * (longest - len(x)) + x for x in sequences]
    return sequences


# %% mistake="gpt-pad-before-extract" of="gpt" fails="gpt-pad gpt-hidden"
# hint: You fill up the text, before the last mark. The filling stands behind it: the mark comes right after the text.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [
            x[:-1] + [special["pad"]] * (longest - len(x)) + x[-1:]
            for x in sequences
        ]
    return sequences


# %% mistake="gpt-pad-of-zero-forgotten" of="gpt" fails="gpt-pad"
# hint: You take a pad of 0 for none. Ask whether `special` holds the name, not whether the id is true.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if special.get("pad"):
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-pad-is-zero" of="gpt" fails="gpt-hidden"
# hint: You fill up with 0. The id for that stands in `special`.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if "pad" in special:
        longest = max(map(len, sequences))
        return [x + [0] * (longest - len(x)) for x in sequences]
    return sequences


# %% mistake="gpt-always-pads" of="gpt" fails="gpt-choice gpt-hidden"
# hint: You fill up with 0 where `special` holds no pad. Then the sequences stay as they are.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    longest = max(map(len, sequences))
    return [x + [special.get("pad", 0)] * (longest - len(x)) for x in sequences]


# %% mistake="gpt-pad-needed" of="gpt" fails="gpt-one-sequence gpt-similarity gpt-choice gpt-refuses gpt-hidden"
# hint: You ask for a pad where there is none. It may be missing: then the sequences stay as they are.
# see: sec-10-gpt
def gpt_inputs(task, texts, special):
    counts = {"classification": 1, "entailment": 2, "similarity": 2}
    if task != "choice" and task not in counts:
        raise ValueError(f"unknown task: {task!r}")
    if len(texts) != counts.get(task, max(3, len(texts))):
        raise ValueError(f"{len(texts)} texts are not what {task} takes")
    orders = [texts]
    if task == "similarity":
        orders = [texts, texts[::-1]]
    if task == "choice":
        orders = [[texts[0], answer] for answer in texts[1:]]
    marks = ("start", "delimiter", "extract")
    start, delimiter, extract = (special[mark] for mark in marks)
    sequences = []
    for first, *more in orders:
        sequence = [start, *first]
        for text in more:
            sequence += [delimiter, *text]
        sequences.append([*sequence, extract])
    if special["pad"] is not None:
        longest = max(map(len, sequences))
        return [x + [special["pad"]] * (longest - len(x)) for x in sequences]
    return sequences


# %% right="loops" of="negative"
def negative_sampling_loss(center, positive, negatives):
    """Go through the pairs one by one."""
    d = center.shape[-1]
    if positive.shape[-1] != d or negatives.shape[-1] != d:
        raise ValueError("the sizes of the vectors differ")
    k = negatives.shape[-2]
    pairs = center.shape[:-1].numel()
    negatives = negatives.expand(*center.shape[:-1], k, d).reshape(pairs, k, d)
    zero, losses = center.new_zeros(()), []
    pairs = zip(
        center.reshape(-1, d), positive.reshape(-1, d), negatives, strict=True
    )
    for v, u, others in pairs:
        loss = torch.logaddexp(zero, -(v @ u))
        for other in others:
            loss = loss + torch.logaddexp(zero, v @ other)
        losses.append(loss)
    return sum(losses) / len(losses)


# %% right="loops" of="glove"
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    """Go through the cells that are not empty."""
    total = 0 * w.sum()
    for i, j in counts.nonzero().tolist():
        x = counts[i, j].item()
        weight = (x / x_max) ** alpha if x < x_max else 1.0
        error = (w[i] * c[j]).sum() + b_w[i] + b_c[j] - math.log(x)
        total = total + weight * error * error
    return total


# %% right="loops" of="elmo"
def elmo_mix(layers, s, gamma):
    """Add up one layer after the other, one task after the other."""
    if s.dim() == 2:
        pairs = zip(s, gamma, strict=True)
        return torch.stack([elmo_mix(layers, one, g) for one, g in pairs])
    if len(s) != len(layers):
        raise ValueError("one weight a layer")
    powers = torch.exp(s - s.max())
    mixed = torch.zeros_like(layers[0])
    for power, h in zip(powers, layers, strict=True):
        mixed = mixed + power / powers.sum() * h
    return gamma * mixed


# %% right="loops" of="slanted"
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    """Walk from one rate to the next."""
    if cut_frac < 0 or cut_frac >= 1:
        raise ValueError("no share")
    cut = int(steps * cut_frac)
    low = peak / ratio
    rate = low if cut else peak
    for t in range(min(step, steps)):
        rate += (peak - low) / cut if t < cut else -(peak - low) / (steps - cut)
    return rate


# %% right="loops" of="gpt"
def gpt_inputs(task, texts, special):
    """Treat one task after the other."""

    def sequence(*parts):
        ids = [special["start"]]
        for i, part in enumerate(parts):
            if i > 0:
                ids.append(special["delimiter"])
            ids.extend(part)
        return [*ids, special["extract"]]

    if task == "classification" and len(texts) == 1:
        found = [sequence(texts[0])]
    elif task == "entailment" and len(texts) == 2:
        found = [sequence(*texts)]
    elif task == "similarity" and len(texts) == 2:
        found = [sequence(texts[0], texts[1]), sequence(texts[1], texts[0])]
    elif task == "choice" and len(texts) > 2:
        found = [sequence(texts[0], answer) for answer in texts[1:]]
    else:
        raise ValueError(f"no task {task!r} with {len(texts)} texts")
    while "pad" in special and len({len(ids) for ids in found}) > 1:
        shortest = min(found, key=len)
        shortest.append(special["pad"])
    return found


# %% right="einsum" of="negative"
def negative_sampling_loss(center, positive, negatives):
    """Multiply by einsum, in float64; the loss of a score is a softplus."""
    if len({x.shape[-1] for x in (center, positive, negatives)}) > 1:
        raise ValueError("expected one size")
    v, u, n = center.double(), positive.double(), negatives.double()
    near = torch.einsum("...d,...d->...", v, u)
    drawn = torch.einsum("...d,...kd->...k", v, n)
    loss = F.softplus(-near) + F.softplus(drawn).sum(dim=-1)
    return loss.mean().to(center.dtype)


# %% right="einsum" of="glove"
def glove_loss(w, c, b_w, b_c, counts, x_max, alpha):
    """Pick the cells that are not empty, then work on them alone."""
    rows, columns = counts.nonzero(as_tuple=True)
    x = counts[rows, columns].to(w.dtype)
    weight = torch.minimum((x / x_max) ** alpha, torch.ones_like(x))
    error = torch.einsum("nd,nd->n", w[rows], c[columns])
    error = error + b_w[rows] + b_c[columns] - torch.log(x)
    return torch.einsum("n,n,n->", weight, error, error)


# %% right="einsum" of="elmo"
def elmo_mix(layers, s, gamma):
    """Write tasks, layers and the rest in one sum."""
    if s.shape[-1] != layers.shape[0]:
        raise ValueError(f"{s.shape[-1]} weights for {layers.shape[0]} layers")
    mixed = (
        torch.einsum("...l,ln->...n", F.softmax(s, -1), layers.flatten(1))
        if (layers.dim() > 1)
        else torch.einsum("...l,l->...", F.softmax(s, -1), layers)
    )
    if s.dim() == 2:
        mixed = gamma[:, None] * mixed
    else:
        mixed = gamma * mixed
    return mixed.reshape(*s.shape[:-1], *layers.shape[1:])


# %% right="einsum" of="slanted"
def slanted_triangular(step, steps, cut_frac, ratio, peak):
    """Take the lower one of two lines."""
    if not (cut_frac >= 0 and cut_frac < 1):
        raise ValueError(cut_frac)
    cut = int(cut_frac * steps // 1)
    down = (steps - min(step, steps)) / (steps - cut)
    up = step / cut if cut else math.inf
    low = peak / ratio
    return low + (peak - low) * min(up, down, 1)


# %% right="einsum" of="gpt"
def gpt_inputs(task, texts, special):
    """Say which texts meet, as pairs of numbers; fill up by turning twice."""
    from itertools import zip_longest

    plans = {
        "classification": (1, [(0,)]),
        "entailment": (2, [(0, 1)]),
        "similarity": (2, [(0, 1), (1, 0)]),
        "choice": (len(texts), [(0, i) for i in range(1, len(texts))]),
    }
    if task not in plans or plans[task][0] != len(texts):
        raise ValueError("unknown task, or the wrong number of texts")
    if task == "choice" and len(texts) < 3:
        raise ValueError("a choice has two answers")
    S, D, E = special["start"], special["delimiter"], special["extract"]
    plans = plans[task][1]
    parts = [
        [([D] if n else []) + texts[i] for n, i in enumerate(p)] for p in plans
    ]
    found = [[S, *sum(part, []), E] for part in parts]
    if special.get("pad") is None:
        return found
    filling = {"fillvalue": special["pad"]}
    return list(map(list, zip(*zip_longest(*found, **filling), strict=True)))


# %% [markdown] answer="full" of="senses" points=3
# ELMo and BERT can: both read what comes after "bank". word2vec gives one vector a word, and the OpenAI transformer reads from
# the left, where both phrases are the same. ELMo has two readers that never meet and glues their states together; in BERT each
# layer mixes words of both sides. If the OpenAI transformer saw both sides, the next word, which it must predict, would lie open.

# %% [markdown] answer="half" of="senses" points=2
# Only models that see the right side can, so BERT and ELMo. GPT would see its own answer if it looked ahead, and could copy it.

# %% [markdown] answer="no" of="senses" points=0
# All of them, because all of them were trained on sentences with rivers and cities.
