"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="loss-no-shift" of="loss" fails="loss-by-hand loss-batch loss-padding loss-hidden"
# hint: Each position is compared with its own id, which the model has read. The logits at t guess the id at t + 1.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids.flatten()
    guesses = logits.flatten(0, -2)
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-across-sequences" of="loss" fails="loss-batch loss-padding loss-hidden"
# hint: You join all sequences and shift then, so that the last token of one guesses the first of the next. Shift inside each sequence.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids.flatten()[1:]
    guesses = logits.flatten(0, -2)[:-1]
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-divides-by-all" of="loss" fails="loss-padding loss-hidden"
# hint: You divide by the number of all pairs. Padding is no target: divide by those that count.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / max(len(targets), 1)


# %% mistake="loss-padded-guess" of="loss" fails="loss-padding loss-hidden"
# hint: A target is left out where the position before it is padding. What stands at position t itself does not matter; only the target counts.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = (targets >= 0) & (ids[..., :-1].flatten() >= 0)
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-only-minus-one" of="loss" fails="loss-padding loss-hidden"
# hint: You leave out the id -1 alone. Every negative id is padding.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets != -1
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-nothing-is-nan" of="loss" fails="loss-hidden"
# hint: Where no target counts you divide 0 by 0. The loss is 0 then.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum()


# %% mistake="loss-mean-of-means" of="loss" fails="loss-padding loss-hidden"
# hint: You take the mean of each sequence first, and then the mean of these. All pairs count alike, so a long sequence weighs more than a short one.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets, guesses = ids[..., 1:], logits[..., :-1, :]
    real = targets >= 0
    logs = guesses.log_softmax(-1)
    costs = -logs.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    totals = costs.masked_fill(~real, 0.0).sum(-1)
    return (totals / real.sum(-1).clamp(min=1)).mean()


# %% mistake="loss-overflow" of="loss" fails="loss-hidden"
# hint: The softmax of large logits is exactly 0 or NaN, and its logarithm infinite. Use `log_softmax` or `cross_entropy`.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets >= 0
    costs = -guesses.softmax(-1)[
        torch.arange(len(targets)), targets.clamp(min=0)
    ].log()
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-of-probabilities" of="loss" fails="loss-by-hand loss-batch loss-padding loss-hidden"
# hint: `cross_entropy` takes logits and applies the softmax itself; you gave it probabilities.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[..., 1:].flatten()
    guesses = logits[..., :-1, :].flatten(0, -2)
    real = targets >= 0
    costs = F.cross_entropy(
        guesses.softmax(-1), targets.clamp(min=0), reduction="none"
    )
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% mistake="loss-one-axis" of="loss" fails="loss-by-hand loss-hidden"
# hint: This works for a batch of sequences alone. There may be any axes in front, or none: use `...` and `flatten(0, -2)`.
# see: sec-12-loss
def next_token_loss(logits, ids):
    targets = ids[:, 1:].flatten()
    guesses = logits[:, :-1].flatten(0, 1)
    real = targets >= 0
    costs = F.cross_entropy(guesses, targets.clamp(min=0), reduction="none")
    return costs.masked_fill(~real, 0.0).sum() / real.sum().clamp(min=1)


# %% right="loops" of="loss"
def next_token_loss(logits, ids):
    n, V = logits.shape[-2:]
    total, count = logits.sum() * 0.0, 0
    if n < 2:
        return total
    logs = torch.log_softmax(logits, dim=-1).reshape(-1, n, V)
    for b, row in enumerate(ids.reshape(-1, n).tolist()):
        for t in range(n - 1):
            if row[t + 1] >= 0:
                total = total - logs[b, t, row[t + 1]]
                count += 1
    return total / max(count, 1)


# %% right="masks" of="loss"
def next_token_loss(logits, ids):
    targets = ids[..., 1:].reshape(-1)
    keep = targets.ge(0)
    if not keep.any():
        return logits.new_zeros(())
    guesses = logits[..., :-1, :].reshape(-1, logits.shape[-1])
    return F.cross_entropy(guesses[keep], targets[keep])


# %% mistake="filter-multiplies" of="filter" fails="filter-temperature filter-order filter-errors filter-hidden"
# hint: You multiply by the temperature. Divide: a low temperature makes the differences larger.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits * temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-temperature-last" of="filter" fails="filter-order filter-hidden"
# hint: The temperature comes last here. It changes which tokens top-p keeps, so it comes first.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / 1
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling / temperature)


# %% mistake="filter-one-more" of="filter" fails="filter-top-k filter-order filter-greedy filter-errors filter-hidden filter-extremes"
# hint: k + 1 tokens stay. Ranks count from 0: the ranks 0 to k - 1 stay.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) > top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-k-ties" of="filter" fails="filter-top-k filter-greedy filter-hidden"
# hint: Where logits are equal more than k tokens stay, for you compare with the k-th largest. Exactly k stay, of equal ones those with the smaller ids: sort them, with `stable=True`.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = falling < falling[..., [min(top_k, logits.shape[-1]) - 1]]
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-unstable-sort" of="filter" fails="filter-top-k"
# hint: Your sort lets equal logits change places, in rows of more than 16. Of equal ones the smaller id comes first: sort with `stable=True`.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-k-too-large" of="filter" fails="filter-top-k filter-hidden"
# hint: If top_k is larger than the vocabulary, all tokens stay; here it raises an error.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        kept = divided.topk(top_k, dim=-1).values.shape[-1]
        late = torch.arange(logits.shape[-1]) >= kept
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-p-not-crossing" of="filter" fails="filter-top-p filter-order filter-hidden filter-extremes"
# hint: The token that crosses p is removed. It stays: what counts is the sum of those before it.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1)
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-p-one-more" of="filter" fails="filter-top-p filter-order filter-hidden filter-extremes"
# hint: One token too many stays: after the token that crosses p none may stay.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(
            before - shares.roll(1, -1) >= top_p, -math.inf
        )
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-p-equal-stays" of="filter" fails="filter-top-p"
# hint: A token stays where the sum of those before it is exactly p. It stays only while that sum is less than p.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before > top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-p-of-all" of="filter" fails="filter-order filter-hidden filter-extremes"
# hint: Top-p is measured on the probabilities of all tokens, as if it came before top-k. Take the softmax of what top-k has left, so that it sums to 1 again.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = divided.gather(-1, order).softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-p-unsorted" of="filter" fails="filter-top-p filter-hidden filter-extremes"
# hint: The probabilities are added up in the order of the ids. Go from the most probable on.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = torch.arange(logits.shape[-1]).expand(logits.shape)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = (
            falling.argsort(dim=-1, descending=True, stable=True).argsort(-1)
            >= top_k
        )
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-stays-sorted" of="filter" fails="filter-temperature filter-top-k filter-top-p filter-greedy filter-errors filter-hidden filter-extremes"
# hint: The logits come back sorted. Put each one back at its own id, with `scatter`.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return falling


# %% mistake="filter-gather-back" of="filter" fails="filter-temperature filter-top-k filter-top-p filter-greedy filter-errors filter-hidden"
# hint: Sorted logits are put back with the order itself. `gather` needs the inverse order; `scatter` takes this one.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return falling.gather(-1, order)


# %% mistake="filter-finite-fill" of="filter" fails="filter-top-k filter-top-p filter-order filter-greedy filter-errors filter-hidden filter-extremes"
# hint: What is removed gets a large negative number. It must be -inf.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    found = torch.empty_like(falling).scatter(-1, order, falling)
    return found.clamp(min=-1e9)


# %% mistake="filter-zero-divides" of="filter" fails="filter-greedy filter-extremes"
# hint: A temperature of 0 divides by 0. It asks for the largest logit alone, undivided.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-zero-ties" of="filter" fails="filter-greedy"
# hint: At a temperature of 0 all of several equal logits stay. Only the first of them does.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        largest = logits.amax(-1, keepdim=True)
        return logits.masked_fill(logits < largest, -math.inf)
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-zero-tiny" of="filter" fails="filter-greedy filter-extremes"
# hint: At a temperature of 0 you divide by a tiny number. The largest logit stays as it is, undivided, and alone.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    temperature = max(temperature, 1e-4)
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-zero-refused" of="filter" fails="filter-greedy filter-extremes"
# hint: A temperature of 0 is refused. It is allowed: only the largest logit stays.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature <= 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-no-errors" of="filter" fails="filter-errors"
# hint: Settings that make no sense are not refused: see which ones the text names.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-tail-cut" of="filter" fails="filter-extremes"
# hint: A top_p of 1 cuts off a long tail, where sums round up to 1. It must remove nothing.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits / temperature
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None:
        shares = falling.softmax(-1)
        before = F.pad(shares.cumsum(-1)[..., :-1], (1, 0))
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% mistake="filter-in-place" of="filter" fails="filter-order filter-hidden filter-extremes"
# hint: The caller's logits are changed: `/=` and `div_` write into them. Make a new tensor.
# see: sec-12-sampling
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        temperature, top_k, top_p = 1.0, 1, None
    divided = logits.div_(temperature)
    order = divided.argsort(dim=-1, descending=True, stable=True)
    falling = divided.gather(-1, order)
    if top_k is not None:
        late = torch.arange(logits.shape[-1]) >= top_k
        falling = falling.masked_fill(late, -math.inf)
    if top_p is not None and top_p < 1:
        shares = falling.softmax(-1)
        before = shares.cumsum(-1) - shares
        before[..., 0] = 0.0
        falling = falling.masked_fill(before >= top_p, -math.inf)
    return torch.empty_like(falling).scatter(-1, order, falling)


# %% right="loops" of="filter"
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    V = logits.shape[-1]
    found = torch.full(logits.shape, -math.inf, dtype=logits.dtype)
    for row, new in zip(logits.reshape(-1, V), found.view(-1, V), strict=True):
        if temperature == 0:
            best = int(row.argmax())
            new[best] = row[best]
            continue
        numbers = (row / temperature).tolist()
        order = sorted(range(V), key=lambda j: -numbers[j])[:top_k]
        chances = [math.exp(numbers[j] - numbers[order[0]]) for j in order]
        total, before = sum(chances), 0.0
        for j, chance in zip(order, chances, strict=True):
            if top_p is None or top_p == 1 or before / total < top_p:
                new[j] = numbers[j]
            before += chance
    return found


# %% right="masks" of="filter"
def filter_logits(logits, temperature, top_k, top_p):
    if temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k < 1:
        raise ValueError("top_k")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError("top_p")
    if temperature == 0:
        first = F.one_hot(logits.argmax(-1), logits.shape[-1]).bool()
        return torch.where(first, logits, -math.inf)
    scaled = logits.double() / temperature
    larger = scaled.unsqueeze(-2) > scaled.unsqueeze(
        -1
    )  # row i: which are larger
    equal = scaled.unsqueeze(-2) == scaled.unsqueeze(-1)
    earlier = torch.ones(larger.shape[-2:], dtype=torch.bool).tril(-1)
    ahead = larger | (equal & earlier)
    if top_k is not None:
        scaled = scaled.masked_fill(ahead.sum(-1) >= top_k, -math.inf)
    if top_p is not None and top_p != 1:
        shares = scaled.softmax(-1)
        before = (ahead * shares.unsqueeze(-2)).sum(-1)
        scaled = scaled.masked_fill(before >= top_p, -math.inf)
    return scaled.to(logits.dtype)


# %% mistake="cache-only-last" of="cache" fails="cache-appends cache-layers cache-length cache-crop cache-errors cache-hidden generate-gpt-cache"
# hint: The new positions replace the old ones. Store them behind.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = keys
            values = values
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-wrong-axis" of="cache" fails="cache-appends cache-layers cache-length cache-crop cache-errors cache-hidden generate-gpt-cache"
# hint: New positions are joined along the wrong axis. Positions are axis 2 of (batch, heads, n, d).
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:1] != new.shape[:1]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=1)
            values = torch.cat([old_values, values], dim=1)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-one-layer" of="cache" fails="cache-layers cache-length cache-crop cache-errors cache-hidden generate-gpt-cache"
# hint: All layers share one store. Keep each layer's keys and values apart.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        layer = 0
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[0][0].shape[2] if self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-length-of-first" of="cache" fails="cache-length cache-crop cache-hidden"
# hint: `length` looks at layer 0, whatever layer it is asked for.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[0][0].shape[2] if 0 in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-length-fails-empty" of="cache" fails="cache-length cache-hidden generate-gpt-cache"
# hint: `length` raises an error for a layer that nothing was stored for. It has 0 positions.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2]

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-length-property" of="cache" fails="cache-length cache-crop cache-hidden generate-gpt-cache"
# hint: `length` is a property here, as in the chapter. It must be a method: `cache.length(layer)`.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    @property
    def length(self):
        return self.layers[0][0].shape[2] if 0 in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-layers-in-order" of="cache" fails="cache-layers cache-hidden"
# hint: Layers are kept in a list that grows one by one. They come in any order: use a dict.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer > len(self.layers):
            raise IndexError("no such layer yet")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-crop-keeps-last" of="cache" fails="cache-crop cache-hidden"
# hint: `crop` keeps the last positions. The first ones stay.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = (
                keys[:, :, max(0, keys.shape[2] - length) :],
                values[:, :, max(0, keys.shape[2] - length) :],
            )


# %% mistake="cache-crop-one-layer" of="cache" fails="cache-crop cache-hidden"
# hint: `crop` cuts layer 0 alone. Cut all layers.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in (
            [(0, self.layers[0])] if 0 in self.layers else []
        ):
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-crop-keys-alone" of="cache" fails="cache-crop cache-hidden"
# hint: `crop` cuts the keys alone. Cut the values as well.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values


# %% mistake="cache-crop-zero-ignored" of="cache" fails="cache-hidden"
# hint: `crop(0)` does nothing. It forgets everything.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        if not length:
            return
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-torch-errors" of="cache" fails="cache-errors"
# hint: Shapes that do not fit raise torch's own error, or none. Compare them first, and raise a ValueError.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-first-unchecked" of="cache" fails="cache-errors"
# hint: The first append of a layer is not checked, though keys and values may differ from each other. Compare them before you ask what the layer has.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if layer in self.layers:
            if keys.shape[:3] != values.shape[:3]:
                raise ValueError("keys and values differ")
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-same-width" of="cache" fails="cache-hidden"
# hint: Values of another width than the keys are refused. Only batch, heads and n must agree.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape != values.shape:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-half-stored" of="cache" fails="cache-errors"
# hint: An append that is refused has stored the keys already. Check everything first, then store.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            if (
                old_keys.shape[:2] == keys.shape[:2]
                and old_keys.shape[3] == keys.shape[3]
            ):
                self.layers[layer] = (
                    torch.cat([old_keys, keys], dim=2),
                    old_values,
                )
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        if length < 0:
            raise ValueError("length")
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% mistake="cache-negative-crop" of="cache" fails="cache-errors"
# hint: A negative length cuts from the end. It must raise a ValueError.
# see: sec-12-cache
class KVCache:
    def __init__(self):
        self.layers = {}

    def append(self, layer, keys, values):
        if keys.shape[:3] != values.shape[:3]:
            raise ValueError("keys and values differ")
        if layer in self.layers:
            old_keys, old_values = self.layers[layer]
            for old, new in ((old_keys, keys), (old_values, values)):
                if (
                    old.shape[:2] != new.shape[:2]
                    or old.shape[3] != new.shape[3]
                ):
                    raise ValueError("does not fit what is stored")
            keys = torch.cat([old_keys, keys], dim=2)
            values = torch.cat([old_values, values], dim=2)
        self.layers[layer] = keys, values
        return keys, values

    def length(self, layer=0):
        return self.layers[layer][0].shape[2] if layer in self.layers else 0

    def crop(self, length):
        for layer, (keys, values) in self.layers.items():
            self.layers[layer] = keys[:, :, :length], values[:, :, :length]


# %% right="loops" of="cache"
class KVCache:
    def __init__(self):
        self.stored = [
            {},
            {},
        ]  # keys and values: {layer: one tensor a position}

    def append(self, layer, keys, values):
        batch, heads, n = keys.shape[:3]
        if (batch, heads, n) != tuple(values.shape[:3]):
            raise ValueError(
                f"{n} keys and {values.shape[2]} values, or other heads"
            )
        for store, new in zip(self.stored, (keys, values), strict=True):
            if store.get(layer):
                fits = store[layer][0].shape
                if fits != new[:, :, 0].shape:
                    raise ValueError(f"layer {layer} holds {tuple(fits)}")
        for store, new in zip(self.stored, (keys, values), strict=True):
            store.setdefault(layer, []).extend(new.unbind(2))
        return tuple(torch.stack(store[layer], dim=2) for store in self.stored)

    def length(self, layer=0):
        return len(self.stored[0].get(layer, ()))

    def crop(self, length):
        if length < 0:
            raise ValueError("a cache can't be shorter than 0")
        for store in self.stored:
            for positions in store.values():
                del positions[length:]


# %% right="masks" of="cache"
class KVCache:
    def __init__(self):
        self.buffers, self.used = {}, {}

    def append(self, layer, keys, values):
        new, used = (keys, values), self.used.get(layer, 0)
        if keys.shape[:-1] != values.shape[:-1]:
            raise ValueError(
                "keys and values must have the same batch, heads and n"
            )
        if layer not in self.buffers:
            self.buffers[layer] = [x[:, :, :0] for x in new]
        for buffer, x in zip(self.buffers[layer], new, strict=True):
            if buffer[:, :, :0].shape != x[:, :, :0].shape:
                raise ValueError(
                    "not the batch, heads or width of what is stored"
                )
        end = used + keys.shape[2]
        for place, (buffer, x) in enumerate(
            zip(self.buffers[layer], new, strict=True)
        ):
            if buffer.shape[2] < end:  # make room for twice as many
                room = x.new_zeros(*x.shape[:2], 2 * end, x.shape[3])
                room[:, :, :used] = buffer[:, :, :used]
                self.buffers[layer][place] = buffer = room
            buffer[:, :, used:end] = x
        self.used[layer] = end
        return tuple(
            buffer[:, :, :end].clone() for buffer in self.buffers[layer]
        )

    def length(self, layer=0):
        return self.used.get(layer, 0)

    def crop(self, length):
        if length < 0:
            raise ValueError("length must be at least 0")
        self.used = {layer: min(n, length) for layer, n in self.used.items()}


# %% mistake="attention-no-offset" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden generate-gpt-cache"
# hint: Query i of a chunk sees keys 0 to i, as if there were no past. It stands at position n - m + i and sees all keys up to there.
# see: sec-12-cache
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril()
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-no-mask" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden generate-gpt-cache"
# hint: Nothing is hidden, so queries in the middle of a chunk see its end. Each may look to its own position and before.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-one-ahead" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden"
# hint: Each query sees one key too many: the next token, that it should help to guess.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m + 1)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-not-itself" of="attention" fails="attention-by-hand attention-chunks attention-future attention-errors attention-hidden generate-gpt-cache"
# hint: A query may attend to its own position too.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m - 1)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-upside-down" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden generate-gpt-cache"
# hint: The mask is upside down: queries see the future and not the past.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).triu(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-no-scale" of="attention" fails="attention-chunks attention-hidden"
# hint: The scores are not divided by √d.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1)
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-scale-by-d" of="attention" fails="attention-chunks attention-hidden generate-gpt-cache"
# hint: You divide by d. Divide by its root.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / query.shape[-1]
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% mistake="attention-over-queries" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden generate-gpt-cache"
# hint: Your softmax runs over the queries. Each query shares its weight among the keys: the last axis.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return (
        scores.masked_fill(~past, -math.inf).softmax(-2).nan_to_num() @ values
    )


# %% mistake="attention-mask-too-late" of="attention" fails="attention-by-hand attention-chunks attention-future attention-hidden generate-gpt-cache"
# hint: You mask after the softmax, so that the rest no longer shares 1. Mask the scores.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.softmax(-1).masked_fill(~past, 0.0) @ values


# %% mistake="attention-weak-fill" of="attention" fails="attention-future"
# hint: Hidden scores get -10000, which is more than some real scores. Fill with -inf.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -1e4).softmax(-1) @ values


# %% mistake="attention-overflow" of="attention" fails="attention-future attention-hidden"
# hint: exp of a large score overflows, and the output becomes NaN. Use `softmax`.
# see: sec-12-causal
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if m > n:
        raise ValueError("more queries than keys")
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    shares = scores.exp() * past
    return shares / shares.sum(-1, keepdim=True) @ values


# %% mistake="attention-no-error" of="attention" fails="attention-errors"
# hint: More queries than keys are not refused: raise a ValueError.
# see: sec-12-cache
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    past = torch.ones(m, n, dtype=torch.bool).tril(n - m)
    scores = query @ keys.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(~past, -math.inf).softmax(-1) @ values


# %% right="loops" of="attention"
def causal_attention(query, keys, values):
    m, n = query.shape[-2], keys.shape[-2]
    if n < m:
        raise ValueError(f"{m} queries can't be the last of {n} positions")
    rows = []
    for i in range(m):
        end = n - m + i + 1
        q = query[..., i : i + 1, :]
        scores = (q * keys[..., :end, :]).sum(-1) / query.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)
        rows.append((weights.unsqueeze(-1) * values[..., :end, :]).sum(-2))
    return torch.stack(rows, dim=-2)


# %% right="masks" of="attention"
def causal_attention(query, keys, values):
    m, n = query.size(-2), keys.size(-2)
    if m > n:
        raise ValueError("the queries are the last of the positions")
    hidden = torch.arange(n) > torch.arange(n - m, n).unsqueeze(-1)
    scores = torch.einsum(
        "...md,...nd->...mn", query * query.size(-1) ** -0.5, keys
    )
    scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    return torch.einsum("...mn,...nd->...md", scores.softmax(-1), values)


# %% mistake="generate-all-with-past" of="generate" fails="generate-sure generate-cache generate-gpt-cache generate-hidden"
# hint: All tokens so far are fed together with a past that holds them already. With the cache, feed the new one alone.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (ids, past) if cache else (ids, None)
    return ids


# %% mistake="generate-no-past" of="generate" fails="generate-sure generate-cache generate-gpt-cache generate-hidden"
# hint: With the cache only the new token is fed, but the past is not: the model forgets everything else.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, None) if cache else (ids, None)
    return ids


# %% mistake="generate-never-cached" of="generate" fails="generate-cache generate-hidden"
# hint: The cache is never used: each call gets all tokens. With `cache=True` feed the new one and the past.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (ids, None)
    return ids


# %% mistake="generate-always-cached" of="generate" fails="generate-no-cache generate-hidden"
# hint: `cache` is never looked at. With `cache=False` each call gets all tokens so far and None.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past)
    return ids


# %% mistake="generate-past-without-cache" of="generate" fails="generate-sure generate-no-cache generate-gpt-cache generate-hidden"
# hint: With `cache=False` the model still gets a past, and counts all tokens twice. Give it None.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, past)
    return ids


# %% mistake="generate-old-past" of="generate" fails="generate-sure generate-cache generate-hidden"
# hint: Each call gets the past of the first one. The newest past holds all tokens before.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, new = model(tokens, past)
            past = new if past is None else past
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-prompt-last-twice" of="generate" fails="generate-sure generate-cache generate-gpt-cache generate-hidden"
# hint: The last token of the prompt is fed twice: first with the prompt, then alone.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        if cache and n:
            _, past = model(ids, None)
            tokens = ids[:, -1:]
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-prompt-one-by-one" of="generate" fails="generate-cache generate-hidden"
# hint: The prompt is fed token by token. The first call gets all of it.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        if cache and n:
            for t in range(ids.shape[1] - 1):
                _, past = model(ids[:, t : t + 1], past)
            tokens = ids[:, -1:]
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-one-call-more" of="generate" fails="generate-cache generate-no-cache generate-hidden"
# hint: There is a call after the last token was drawn. Nothing is drawn from it: leave it out.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
        model(tokens, past)
    return ids


# %% mistake="generate-greedy" of="generate" fails="generate-draws generate-gpt-cache generate-hidden"
# hint: The likeliest token is taken. Draw one, with `torch.multinomial`.
# see: sec-12-sampling
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = probabilities.argmax(-1, keepdim=True)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-own-chance" of="generate" fails="generate-draws generate-gpt-cache generate-hidden"
# hint: The generator is never used, so that the same one does not give the same text.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            drawn = torch.multinomial(
                probabilities, 1, generator=torch.Generator().manual_seed(0)
            )
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-row-by-row" of="generate" fails="generate-draws generate-gpt-cache generate-hidden"
# hint: Each row is drawn by a call of its own, and the numbers of chance fall to other rows. Draw all rows with one call a step.
# see: sec-12-generate
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1].softmax(-1)
            rows = [
                torch.multinomial(p, 1, generator=generator)
                for p in probabilities.flip(0)
            ]
            drawn = torch.stack(rows).flip(0)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% mistake="generate-no-softmax" of="generate" fails="generate-sure generate-cache generate-no-cache generate-draws generate-gpt-cache generate-hidden"
# hint: The logits are used as probabilities. They may be negative: take the softmax first.
# see: sec-12-sampling
def generate(model, ids, n, generator, cache=True):
    tokens, past = ids, None
    with torch.no_grad():
        for _ in range(n):
            logits, past = model(tokens, past)
            probabilities = logits[:, -1]
            drawn = torch.multinomial(probabilities, 1, generator=generator)
            ids = torch.cat([ids, drawn], dim=1)
            tokens, past = (drawn, past) if cache else (ids, None)
    return ids


# %% right="loops" of="generate"
@torch.no_grad()
def generate(model, ids, n, generator, cache=True):
    batch, t = ids.shape
    whole = torch.zeros(batch, t + n, dtype=ids.dtype)
    whole[:, :t] = ids
    past, read = None, 0
    for end in range(t, t + n):
        if cache:
            logits, past = model(whole[:, read:end].clone(), past)
            read = end
        else:
            logits, _ = model(whole[:, :end].clone(), None)
        shares = torch.softmax(logits[:, -1, :], dim=-1)
        whole[:, end] = torch.multinomial(shares, 1, generator=generator)[:, 0]
    return whole


# %% right="masks" of="generate"
def generate(model, ids, n, generator, cache=True):
    parts, past = [ids], None
    for _ in range(n):
        fed = parts[-1] if cache else torch.cat(parts, dim=-1)
        with torch.no_grad():
            logits, past = model(fed, past if cache else None)
        last = logits[:, -1].detach()
        shares = last.log_softmax(-1).exp()
        parts.append(
            torch.multinomial(shares, num_samples=1, generator=generator)
        )
    return torch.cat(parts, dim=-1)


# %% mistake="induction-same-token" of="induction" fails="induction-by-hand induction-heads induction-hidden"
# hint: You look at the last occurrence itself, t - period. An induction head looks at the token behind it.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period].mean(-1)


# %% mistake="induction-one-query-more" of="induction" fails="induction-by-hand induction-heads induction-errors induction-hidden"
# hint: The query at period - 1 counts here. Its token has not occurred before: begin at t = period.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period - 1, n)
    return weights[..., queries, queries - period + 1].mean(-1)


# %% mistake="induction-second-copy-alone" of="induction" fails="induction-errors induction-hidden"
# hint: Only the second copy counts here. All later tokens have occurred before, too.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, min(2 * period, n))
    return weights[..., queries, queries - period + 1].mean(-1)


# %% mistake="induction-transposed" of="induction" fails="induction-by-hand induction-heads induction-errors induction-hidden"
# hint: Queries and keys have changed places: a row belongs to a query.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[..., queries - period + 1, queries].mean(-1)


# %% mistake="induction-one-number" of="induction" fails="induction-heads induction-hidden"
# hint: All heads are averaged into one number. Keep the axes in front.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period + 1].mean()


# %% mistake="induction-batch-kept-once" of="induction" fails="induction-by-hand induction-errors induction-hidden"
# hint: This works for one axis in front. There may be any number of them, or none: use `...`.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[:, queries, queries - period + 1].mean(-1)


# %% mistake="induction-no-errors" of="induction" fails="induction-errors"
# hint: A period of less than 2, or of n or more, is not refused: raise a ValueError.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period + 1].mean(-1)


# %% mistake="induction-period-n" of="induction" fails="induction-errors"
# hint: A period as long as the sequence is not refused: no token occurs twice then.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 2 <= period <= n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period + 1].mean(-1)


# %% mistake="induction-period-one" of="induction" fails="induction-errors"
# hint: A period of 1 is not refused: the token behind the last occurrence would be the query itself.
# see: sec-12-induction
def induction_score(weights, period):
    n = weights.shape[-1]
    if not 1 <= period < n:
        raise ValueError("period")
    queries = torch.arange(period, n)
    return weights[..., queries, queries - period + 1].mean(-1)


# %% right="loops" of="induction"
def induction_score(weights, period):
    n = weights.shape[-1]
    if period < 2 or period >= n:
        raise ValueError(f"a period of {period} in a sequence of {n}")
    total = 0
    for t in range(period, n):
        total = total + weights[..., t, t - period + 1]
    return total / (n - period)


# %% right="masks" of="induction"
def induction_score(weights, period):
    n = weights.size(-1)
    if period not in range(2, n):
        raise ValueError("the period must be at least 2 and less than n")
    t = torch.arange(n)
    stripe = (t == t[:, None] - period + 1) & (t[:, None] >= period)
    return (weights * stripe).sum((-2, -1)) / stripe.sum()


# %% [markdown] answer="mask" of="chunks" points=1
# I think the causal mask is wrong in the chunks: query i may see keys 0 to i, but it has
# a past of 100, 200 ... tokens that it should see as well. If there were no mask, the
# first chunk would be wrong too.


# %% [markdown] answer="complete" of="chunks" points=3
# The mask has to be shifted by the length of the past. Without that the first query of
# the second chunk sees only key 0. A single token has no mask, so nothing is hidden from
# it, and in the first chunk the shift is 0. The cache has 2 · 12 · 12 · 64 · 1000 =
# 18 432 000 numbers, or 4 608 000 with 3 key heads.


# %% [markdown] answer="no-mask" of="chunks" points=0
# There is no mask in the chunks, so each token sees the future.


# %% [markdown] answer="cache-full" of="chunks" points=0
# The cache is full after the first chunk, so it should be made bigger.
