"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="rollout-last-layer-first" of="rollout" fails="rollout-by-hand rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: The layers are multiplied in the wrong order: R = B(L-1) ... B(1) B(0). A later layer stands to the left, since it reads what the earlier ones have written.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = found @ layer
    return found


# %% mistake="rollout-no-identity" of="rollout" fails="rollout-by-hand rollout-one-layer rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: The residual connection is missing: add half of the identity to half of the mean weights.
# see: sec-13-rollout
def attention_rollout(weights):
    mixed = weights.mean(-3)
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-identity-at-the-end" of="rollout" fails="rollout-by-hand rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: The identity is added to the product, once. Every layer has its residual connection: add it before you multiply.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mean = weights.mean(-3)
    found = mean[0]
    for layer in mean[1:]:
        found = layer @ found
    found = found / 2 + torch.eye(n, dtype=weights.dtype) / 2
    return found / found.sum(-1, keepdim=True)


# %% mistake="rollout-rows-not-divided" of="rollout" fails="rollout-rows rollout-hidden"
# hint: Rows are not divided by their sum. After dropout, or where a query sees nothing, they do not sum to 1.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-divides-first" of="rollout" fails="rollout-rows rollout-hidden"
# hint: Rows are divided by their sum before the identity is added. A row of zeros gives NaN then, and dropout counts for nothing: divide afterwards.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mean = weights.mean(-3)
    mean = mean / mean.sum(-1, keepdim=True)
    mixed = mean / 2 + torch.eye(n, dtype=weights.dtype) / 2
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-divides-columns" of="rollout" fails="rollout-by-hand rollout-one-layer rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: Columns are divided by their sum, not rows. A row belongs to a query, and it is the row that sums to 1.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-2, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-divides-at-the-end" of="rollout" fails="rollout-rows rollout-hidden"
# hint: Rows are divided by their sum once, after all layers. Each layer's rows must sum to 1 before it is multiplied.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found / found.sum(-1, keepdim=True)


# %% mistake="rollout-sums-heads" of="rollout" fails="rollout-one-layer rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: Heads are added up, not averaged, so that the identity weighs less than half.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.sum(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-largest-head" of="rollout" fails="rollout-one-layer rollout-rows rollout-batch rollout-hidden"
# hint: The largest weight of all heads is taken. Rollout averages the heads.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.amax(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-first-head" of="rollout" fails="rollout-one-layer rollout-rows rollout-batch rollout-hidden"
# hint: Only one head is looked at: average all of them.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights[..., 0, :, :] / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-averages-the-batch" of="rollout" fails="rollout-batch rollout-hidden"
# hint: Axis 1 is averaged. With a batch, (layers, batch, heads, n, n), that is the batch: count from the end, the heads are axis -3.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(1) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-whole-identity" of="rollout" fails="rollout-by-hand rollout-one-layer rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: The whole identity is added to half of the mean weights. Both get one half.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype)
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-transposed" of="rollout" fails="rollout-by-hand rollout-one-layer rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: Queries and keys have changed places: row i is what position i has taken in.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found.mT


# %% mistake="rollout-adds-layers" of="rollout" fails="rollout-by-hand rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: The layers are averaged. What a layer reads was mixed by the layer before: multiply.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    return mixed.mean(0)


# %% mistake="rollout-skips-a-layer" of="rollout" fails="rollout-by-hand rollout-order rollout-rows rollout-batch rollout-hidden"
# hint: One layer is left out: start with the first one, or with the identity, and multiply by all the others.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:-1]:
        found = layer @ found
    return found


# %% mistake="rollout-in-place" of="rollout" fails="rollout-rows rollout-batch rollout-hidden"
# hint: The weights themselves are changed. Make new tensors: write `a = a + b`, not `a += b`, for what came in.
# see: sec-13-rollout
def attention_rollout(weights):
    weights += torch.eye(weights.shape[-1], dtype=weights.dtype)
    mixed = weights.mean(-3)
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found


# %% mistake="rollout-float32" of="rollout" fails="rollout-batch rollout-hidden"
# hint: The result is float32 whatever the weights are. `torch.eye` takes a dtype.
# see: sec-13-rollout
def attention_rollout(weights):
    n = weights.shape[-1]
    mixed = weights.mean(-3) / 2 + torch.eye(n, dtype=weights.dtype) / 2
    mixed = mixed / mixed.sum(-1, keepdim=True)
    found = mixed[0]
    for layer in mixed[1:]:
        found = layer @ found
    return found.float()


# %% right="loops" of="rollout"
def attention_rollout(weights):
    if weights.dim() == 5:
        texts = [
            attention_rollout(weights[:, b]) for b in range(weights.shape[1])
        ]
        return torch.stack(texts)
    layers, heads, n, _ = weights.shape
    found = torch.eye(n, dtype=weights.dtype)
    for layer in range(layers):
        step = torch.zeros(n, n, dtype=weights.dtype)
        for i in range(n):
            for j in range(n):
                step[i, j] = weights[layer, :, i, j].sum() / heads + float(
                    i == j
                )
            step[i] = step[i] / step[i].sum()
        found = torch.mm(step, found)
    return found


# %% right="tables" of="rollout"
def attention_rollout(weights):
    mean = torch.einsum("...hij->...ij", weights.double()) / weights.shape[-3]
    mean = 0.5 * mean + 0.5 * torch.eye(mean.shape[-1]).double()
    steps = [F.normalize(step, p=1, dim=-1) for step in mean]
    found = steps.pop()
    while steps:
        found = torch.einsum("...ij,...jk->...ik", found, steps.pop())
    return found.to(weights.dtype)


# %% mistake="gradient-alone" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: This is the gradient summed over the width. Multiply it by the vector first.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return slope.sum(-1).detach()


# %% mistake="gradient-norm" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: This is the length of the gradient, which has no sign. Multiply the gradient by the vector and sum.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return slope.norm(dim=-1).detach()


# %% mistake="gradient-absolute" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-hidden"
# hint: Absolute values: the scores have lost their signs.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).abs().detach()


# %% mistake="gradient-abs-inside" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: Absolute values are summed. Sum the products with their signs.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).abs().sum(-1).detach()


# %% mistake="gradient-of-probability" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: This is the gradient of a probability. Take the logit, before any softmax.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors).softmax(-1)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-of-log-probability" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: This is the gradient of a log probability, in which all classes take part. Take the logit of the target alone.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors).log_softmax(-1)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-of-the-loss" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: This is the gradient of the loss: it has another sign and another size than that of the logit.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = F.cross_entropy(model[1:](vectors), torch.tensor(target))
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-of-the-winner" of="gradient" fails="gradient-by-hand gradient-logit gradient-hidden"
# hint: The largest logit is explained, whatever `target` is.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors).max()
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-of-all-logits" of="gradient" fails="gradient-by-hand gradient-logit gradient-hidden"
# hint: All logits are summed before the gradient is taken. Only that of the target counts.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors).sum()
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-of-the-table" of="gradient" fails="gradient-twice gradient-hidden"
# hint: The gradient is taken with respect to the embedding's table. Where a token occurs twice, both places get the sum of both: take the vectors of the text as a leaf of their own.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    table = model[0].weight.detach().requires_grad_()
    logit = model[1:](F.embedding(ids, table))[target]
    (slope,) = torch.autograd.grad(logit, table)
    return (slope * table).sum(-1)[ids].detach()


# %% mistake="gradient-needs-trainable-weights" of="gradient" fails="gradient-frozen gradient-hidden"
# hint: With frozen weights there is no gradient here, since it is asked of what the embedding returns. Make the vectors a leaf: `.detach().requires_grad_()`.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids)
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-kept-not-a-leaf" of="gradient" fails="gradient-frozen gradient-hidden"
# hint: With frozen weights nothing requires a gradient, and `retain_grad` fails. Make the vectors a leaf: `.detach().requires_grad_()`.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids)
    vectors.retain_grad()
    model[1:](vectors)[target].backward()
    return (vectors.grad * vectors).sum(-1)


# %% mistake="gradient-kept-and-detached" of="gradient" fails="gradient-frozen gradient-hidden"
# hint: `retain_grad` keeps a gradient where there is one. With frozen weights nothing requires it: make the vectors a leaf, `.detach().requires_grad_()`.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids)
    vectors.retain_grad()
    model[1:](vectors)[target].backward()
    return (vectors.grad * vectors).sum(-1).detach()


# %% mistake="gradient-not-required" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: The vectors require no gradient, so that none is computed with respect to them. Make them a leaf that does: `.detach().requires_grad_()`.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach()


# %% mistake="gradient-is-none" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: The vectors have no `.grad`: it is `None`, since they are no leaf that requires one. Make them one: `.detach().requires_grad_()`.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids)
    model[1:](vectors)[target].backward()
    return (vectors.grad * vectors).sum(-1).detach()


# %% mistake="gradient-float32" of="gradient" fails="gradient-by-hand gradient-hidden"
# hint: The result is float32 whatever the embedding is. `torch.tensor` takes a dtype.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(-1).detach().float()


# %% mistake="gradient-mean-over-width" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: The products are averaged over the width. Sum them.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).mean(-1).detach()


# %% mistake="gradient-sum-over-places" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: The products are summed over the places, so that there is one number for each column of the vectors. Sum over the width, the last axis.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).sum(0).detach()


# %% mistake="gradient-shares" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: The scores are divided by their sum. They are asked for as they are.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    scores = (slope * vectors).sum(-1).detach()
    return scores / scores.sum()


# %% mistake="gradient-not-summed" of="gradient" fails="gradient-by-hand gradient-logit gradient-twice gradient-frozen gradient-hidden"
# hint: One number for each entry of the vectors: sum over the width.
# see: sec-13-gradients
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach().requires_grad_()
    logit = model[1:](vectors)[target]
    (slope,) = torch.autograd.grad(logit, vectors)
    return (slope * vectors).detach()


# %% right="loops" of="gradient"
def input_gradient(model, ids, target):
    places = [model[0].weight[i].detach().clone() for i in ids.tolist()]
    for vector in places:
        vector.requires_grad_(True)
    model[1:](torch.stack(places))[target].backward()
    scores = [torch.dot(vector.grad, vector.detach()) for vector in places]
    return torch.stack(scores)


# %% right="tables" of="gradient"
def input_gradient(model, ids, target):
    vectors = model[0](ids).detach()
    scale = torch.ones(len(ids), 1, dtype=vectors.dtype, requires_grad=True)
    logits = model[1:](scale * vectors)
    return torch.autograd.grad(logits[target], scale)[0][:, 0]


# %% mistake="faith-sign" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: The fall has the wrong sign: the prediction for the text as it is, minus the one without the tokens.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return after - before


# %% mistake="faith-lowest" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: The tokens with the lowest scores are taken out. Take those with the highest.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-absolute" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-hidden"
# hint: The largest absolute values are taken out. A score of -5 is less than 1.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.abs().argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-cuts-out" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: The tokens are cut out, and the others move up. Put `MASK` in their places: the text keeps its length.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [token for i, token in enumerate(tokens) if i not in out]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-keeps-the-highest" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: Everything but the k highest is taken out. That asks whether they suffice; here you take them out themselves.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i not in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-by-word" of="faith" fails="faith-every-k faith-hidden"
# hint: All occurrences of a word are taken out, wherever it stands. A score belongs to a place.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = {tokens[i] for i in order[:k].tolist()}
    rest = [MASK if token in out else token for token in tokens]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-kth-alone" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: Only one token is taken out: take out all of the k highest together.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[k - 1 : k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-one-more" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: k + 1 tokens are taken out.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[: k + 1].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-ties-all" of="faith" fails="faith-ties faith-hidden"
# hint: Where scores are equal more than k tokens go, for you compare with the k-th highest. Exactly k go, of equal ones those further left.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    edge = scores.sort(descending=True).values[k - 1] if k else math.inf
    rest = [
        MASK if score >= edge else token
        for score, token in zip(scores.tolist(), tokens)
    ]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-ties-last" of="faith" fails="faith-ties faith-hidden"
# hint: Of equal scores the ones further right go first. Sort with `descending=True, stable=True`; turning an ascending order round turns the equal ones round too.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(stable=True).flip(0)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-unstable" of="faith" fails="faith-ties"
# hint: Your sort lets equal scores change places, in long texts. Of equal ones the one further left goes first: sort with `stable=True`.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-no-errors" of="faith" fails="faith-errors"
# hint: A k below 0 or above n is not refused: raise a ValueError.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-refuses-all-tokens" of="faith" fails="faith-every-k faith-errors faith-hidden"
# hint: k = n is refused. It takes out everything, which is allowed.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k < len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-refuses-none" of="faith" fails="faith-every-k faith-hidden"
# hint: k = 0 is refused. It takes out nothing, and the fall is 0.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 1 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return before - after


# %% mistake="faith-one-by-one" of="faith" fails="faith-by-hand faith-every-k faith-hidden"
# hint: Tokens are taken out one at a time and the falls added up. Take all k out at once: the model may need any one of two.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    total = 0.0
    for i in order[:k].tolist():
        rest = [*tokens[:i], MASK, *tokens[i + 1 :]]
        before, after = predict([list(tokens), rest])
        total += float(before - after)
    return total


# %% mistake="faith-share" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: The fall is divided by the prediction. The difference itself is asked for.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return (before - after) / before


# %% mistake="faith-absolute-fall" of="faith" fails="faith-every-k faith-hidden"
# hint: The fall is an absolute value. Where the prediction rises it is negative.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    order = scores.argsort(descending=True, stable=True)
    out = set(order[:k].tolist())
    rest = [MASK if i in out else token for i, token in enumerate(tokens)]
    before, after = predict([list(tokens), rest])
    return (before - after).abs()


# %% mistake="faith-in-place" of="faith" fails="faith-by-hand faith-every-k faith-ties faith-errors faith-hidden"
# hint: `MASK` is written into the text that was given. Make a copy first, `list(tokens)`.
# see: sec-13-faithfulness
def faithfulness(scores, predict, tokens, k):
    if not 0 <= k <= len(tokens):
        raise ValueError("k")
    before = predict([list(tokens)])[0]
    for i in scores.argsort(descending=True, stable=True)[:k].tolist():
        tokens[i] = MASK
    return before - predict([tokens])[0]


# %% right="loops" of="faith"
def faithfulness(scores, predict, tokens, k):
    if k < 0 or k > len(tokens):
        raise ValueError(f"{k} tokens of {len(tokens)}")
    left, rest = scores.tolist(), list(tokens)
    for _ in range(k):
        best = left.index(max(left))
        left[best] = -math.inf
        rest[best] = MASK
    whole = predict([list(tokens)])
    return float(whole[0]) - float(predict([rest])[0])


# %% right="tables" of="faith"
def faithfulness(scores, predict, tokens, k):
    if k not in range(len(tokens) + 1):
        raise ValueError(f"k must lie in 0 to {len(tokens)}: got {k}")
    ranked = sorted(range(len(tokens)), key=lambda i: -scores[i].item())
    hidden = dict.fromkeys(ranked[:k], MASK)
    texts = [tokens, [hidden.get(i, tokens[i]) for i in range(len(tokens))]]
    return -predict(texts).double().diff().squeeze()


# %% mistake="lime-no-intercept" of="lime" fails="lime-linear lime-samples lime-kernel lime-hidden"
# hint: The linear model has no intercept. Add a column of ones, and leave its weight out of the answer.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * kept
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-intercept-returned" of="lime" fails="lime-linear lime-samples lime-kernel lime-generator lime-hidden"
# hint: The intercept comes back among the weights: return one weight a token.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:, 0]


# %% mistake="lime-no-kernel" of="lime" fails="lime-kernel lime-hidden"
# hint: All samples count alike. Near ones weigh more: multiply by the kernel.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    root = torch.ones(n_samples, 1)
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-kernel-twice" of="lime" fails="lime-kernel lime-hidden"
# hint: Rows and answers are multiplied by the nearness itself, so that its square counts. Multiply by the root of it.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2)).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-rooted-kernel" of="lime" fails="lime-kernel lime-hidden"
# hint: The root of the nearness weighs the squares, as in the authors' own code. Here it is the nearness itself: its root multiplies the rows.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 4).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-width-not-squared" of="lime" fails="lime-kernel lime-hidden"
# hint: The squared distance is divided by the width. The width is squared too.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-(distance**2 / kernel_width) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-share-hidden" of="lime" fails="lime-kernel lime-hidden"
# hint: The distance is the share of the tokens that are taken out. It is 1 minus the root of the share that is kept.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1)
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-far-counts-more" of="lime" fails="lime-kernel lime-hidden"
# hint: Samples that keep much count least here: distance and likeness have changed places.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-rows-alone-weighted" of="lime" fails="lime-linear lime-samples lime-kernel lime-hidden"
# hint: The rows are multiplied by the root of the nearness, the predictions are not. Both sides of an equation are.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-coins" of="lime" fails="lime-samples lime-hidden"
# hint: Each token is taken out by a coin of its own. First draw how many are taken out, uniformly from 1 to n, and then which.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    coins = torch.rand(n_samples - 1, n, generator=generator)
    kept[1:] = (coins < 0.5).double()
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-never-all" of="lime" fails="lime-samples lime-kernel lime-hidden"
# hint: A text with nothing kept never comes: how many are taken out is drawn from 1 to n, n included. The upper end of `torch.randint` is not drawn.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, max(n, 2), (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-none-out" of="lime" fails="lime-samples lime-hidden"
# hint: Samples after the first may keep all tokens. Draw from 1 on.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(0, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-neighbours" of="lime" fails="lime-samples"
# hint: The tokens that are taken out stand side by side, always. All choices of that many places are equally likely.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        start = torch.randint(0, n, (), generator=generator)
        row[(start + torch.arange(int(count))) % n] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-without-the-text" of="lime" fails="lime-samples lime-kernel lime-hidden"
# hint: The text itself is not among the samples. The first one keeps all tokens.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-one-sample-more" of="lime" fails="lime-samples lime-hidden"
# hint: The text itself comes on top of the n_samples. It is the first of them.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n, n_samples = len(tokens), n_samples + 1
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-cuts-out" of="lime" fails="lime-linear lime-samples lime-kernel lime-generator lime-hidden"
# hint: Tokens are cut out of the text, and the others move up. Put `MASK` in their places.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [[t for t, z in zip(tokens, row) if z] for row in kept.tolist()]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-inverted" of="lime" fails="lime-linear lime-samples lime-kernel lime-generator lime-hidden"
# hint: The columns say which tokens are taken out, so that all weights have the wrong sign. A 1 is a token that is kept.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([1 - kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-ridge" of="lime" fails="lime-linear lime-kernel lime-hidden"
# hint: A penalty shrinks the weights. Here there is none: least squares alone.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    square = rows.T @ rows + torch.eye(n + 1)
    return torch.linalg.solve(square, rows.T @ column)[:n, 0]


# %% mistake="lime-by-word" of="lime" fails="lime-linear lime-hidden"
# hint: A word that occurs twice is hidden in both places and has one weight. Each place has its own.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n, first = len(tokens), [tokens.index(token) for token in tokens]
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    kept = kept[:, first]
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    # Two columns are equal: of all solutions the shortest, the same in each run.
    found = torch.linalg.lstsq(rows, column, rcond=1e-9, driver="gelsd")
    return found.solution[:n, 0]


# %% mistake="lime-two-dtypes" of="lime" fails="lime-linear lime-hidden"
# hint: The predictions may be float64 while your rows are float32, and `lstsq` wants both of one dtype: bring the rows to `y.dtype`, or the predictions to that of the rows.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-global-generator" of="lime" fails="lime-generator"
# hint: Some of what is random is drawn without `generator`: give it to each function that draws.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-own-seed" of="lime" fails="lime-generator"
# hint: A generator of your own, always with the same seed, draws here. Draw with the one that was given.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n, generator = len(tokens), torch.Generator().manual_seed(0)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0]


# %% mistake="lime-absolute" of="lime" fails="lime-linear lime-samples lime-kernel lime-hidden"
# hint: Absolute values: the weights have lost their signs.
# see: sec-13-lime
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    kept = torch.ones(n_samples, n, dtype=torch.float64)
    for row in kept[1:]:
        count = torch.randint(1, n + 1, (), generator=generator)
        row[torch.randperm(n, generator=generator)[:count]] = 0
    texts = [
        [t if z else MASK for t, z in zip(tokens, row)] for row in kept.tolist()
    ]
    answers = predict(texts)
    distance = 1 - kept.mean(-1).sqrt()
    root = (-((distance / kernel_width) ** 2) / 2).exp()[:, None]
    rows = root * torch.cat([kept, torch.ones(n_samples, 1)], dim=1)
    column = root * answers.double()[:, None]
    return torch.linalg.lstsq(rows, column).solution[:n, 0].abs()


# %% right="loops" of="lime"
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    total = torch.zeros(n + 1, n + 1, dtype=torch.float64)
    right_side = torch.zeros(n + 1, dtype=torch.float64)
    for sample in range(n_samples):
        z = [1.0] * n
        if sample:
            places = list(range(n))
            out = 1 + int(torch.randint(n, (1,), generator=generator))
            for _ in range(out):
                drawn = int(
                    torch.randint(len(places), (1,), generator=generator)
                )
                z[places.pop(drawn)] = 0.0
        text = [token if on else MASK for token, on in zip(tokens, z)]
        y = float(predict([text])[0])
        near = math.exp(-(((1 - math.sqrt(sum(z) / n)) / kernel_width) ** 2))
        row = torch.tensor([1.0, *z], dtype=torch.float64)
        total += near * torch.outer(row, row)
        right_side += near * y * row
    return torch.linalg.solve(total, right_side)[1:]


# %% right="tables" of="lime"
def lime_weights(predict, tokens, n_samples, kernel_width, generator):
    n = len(tokens)
    rank = torch.rand(n_samples, n, generator=generator).argsort(-1).argsort(-1)
    out = torch.randint(n, (n_samples, 1), generator=generator) + 1
    out[0] = 0
    z = (rank >= out).float()
    texts = []
    for row in z.bool():
        texts.append([tokens[i] if row[i] else MASK for i in range(n)])
    answers = [predict(part) for part in (texts[:5], texts[5:]) if part]
    y = torch.cat(answers).float()
    cosine = z.sum(1) / (z.norm(dim=1) * math.sqrt(n)).clamp(min=1e-9)
    near = torch.exp(-((1 - cosine).square() / kernel_width**2))
    share = near / near.sum()
    z, y = z - share @ z, y - share @ y
    # centred by the weighted means, no intercept is left
    root = share.sqrt()
    found = torch.linalg.pinv(root[:, None] * z) @ (root * y)
    return found


# %% mistake="heads-sign" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: The signs are wrong: the loss without the head, minus the loss with all heads on.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = base - loss(keep)
    return rises


# %% mistake="heads-stay-off" of="heads" fails="heads-by-hand heads-one-at-a-time heads-calls heads-hidden"
# hint: Heads that were switched off stay off, so that the last one is measured in an empty model. Switch each on again, or start from a new `keep`.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    keep = every.clone()
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-only-one-on" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: One head alone is on, all others are off. It is the other way round: one alone is off.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = torch.zeros_like(every)
        keep[place] = 1
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-whole-layer" of="heads" fails="heads-by-hand heads-one-at-a-time heads-calls heads-hidden"
# hint: A whole layer is switched off. `keep` has an entry for each head: `keep[layer, head]`.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place[0]] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-same-head-everywhere" of="heads" fails="heads-one-at-a-time heads-calls heads-hidden"
# hint: The same head is switched off in all layers at once.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[:, place[1]] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-half-off" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: The head is only made weaker. Off is 0.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0.5
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-all-labels" of="heads" fails="heads-labels heads-hidden"
# hint: A label of -100 counts, as if it were class 0. It does not: leave it out of the mean.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten().clamp(min=0))

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-divides-by-all" of="heads" fails="heads-labels heads-hidden"
# hint: The sum is divided by the number of all labels. Divide by the number of those that count.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        total = F.cross_entropy(logits, labels.flatten(), reduction="sum")
        return total / labels.numel()

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-sum" of="heads" fails="heads-one-at-a-time heads-labels heads-hidden"
# hint: The losses are added up. The mean over the labels that count is asked for.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), reduction="sum")

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-mean-of-means" of="heads" fails="heads-labels heads-hidden"
# hint: The mean of each text is taken first, and then the mean of these. All labels that count do so alike.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logs = model.logits(ids, keep).log_softmax(-1)
        real = labels != -100
        picked = logs.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        totals = -(picked * real).sum(-1)
        return (totals / real.sum(-1).clamp(min=1)).mean()

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-classes-in-the-middle" of="heads" fails="heads-labels heads-hidden"
# hint: For `cross_entropy` the classes stand on axis 1 of the logits. Flatten the axes in front: `logits.flatten(0, -2)`, `labels.flatten()`.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep)
        return F.cross_entropy(logits, labels, ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-of-probabilities" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: `cross_entropy` takes logits and applies the softmax itself; you gave it probabilities.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2).softmax(-1)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% mistake="heads-turned" of="heads" fails="heads-by-hand heads-one-at-a-time heads-calls heads-hidden"
# hint: The result is (heads, layers): a row belongs to a layer.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises.T


# %% mistake="heads-base-again" of="heads" fails="heads-calls"
# hint: The loss with all heads on is computed anew for each head. Once is enough.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - loss(every)
    return rises


# %% mistake="heads-loss-alone" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: This is the loss without the head. Subtract the loss with all heads on.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep)
    return rises


# %% mistake="heads-absolute" of="heads" fails="heads-by-hand heads-one-at-a-time heads-hidden"
# hint: Absolute values: a head that does harm looks useful.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = (loss(keep) - base).abs()
    return rises


# %% mistake="heads-shares" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: The rises are divided by their sum. They are asked for as they are.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises / rises.sum()


# %% mistake="heads-relative" of="heads" fails="heads-by-hand heads-one-at-a-time heads-labels heads-calls heads-hidden"
# hint: The rise is divided by the loss with all heads on. The difference itself is asked for.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads, dtype=base.dtype)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = (loss(keep) - base) / base
    return rises


# %% mistake="heads-float32" of="heads" fails="heads-calls heads-hidden"
# hint: The result is float32 whatever the logits are.
# see: sec-13-heads
def head_importance(model, batch):
    ids, labels = batch

    def loss(keep):
        logits = model.logits(ids, keep).flatten(0, -2)
        return F.cross_entropy(logits, labels.flatten(), ignore_index=-100)

    every = torch.ones(model.layers, model.heads)
    base = loss(every)
    rises = torch.empty(model.layers, model.heads)
    for place in itertools.product(range(model.layers), range(model.heads)):
        keep = every.clone()
        keep[place] = 0
        rises[place] = loss(keep) - base
    return rises


# %% right="loops" of="heads"
def head_importance(model, batch):
    ids, labels = batch
    losses = []
    for off in [
        None,
        *itertools.product(range(model.layers), range(model.heads)),
    ]:
        keep = torch.ones(model.layers, model.heads, dtype=torch.bool)
        if off:
            keep[off] = False
        logits = model.logits(ids, keep)
        C = logits.shape[-1]
        total, count = 0, 0
        for row, label in zip(logits.reshape(-1, C), labels.flatten().tolist()):
            if label != -100:
                total = total + row.logsumexp(-1) - row[label]
                count += 1
        losses.append(total / count)
    rises = [loss - losses[0] for loss in losses[1:]]
    return torch.stack(rises).view(model.layers, model.heads)


# %% right="tables" of="heads"
def head_importance(model, batch):
    ids, labels = batch
    layers, heads = model.layers, model.heads
    counts = labels != -100
    masks = torch.cat(
        [torch.zeros(1, layers * heads), torch.eye(layers * heads)]
    )
    masks = 1 - masks.view(-1, layers, heads).double()
    with torch.no_grad():
        logits = torch.stack(
            [model.logits(ids, keep)[counts] for keep in masks]
        )
    every = logits.double().log_softmax(-1)
    index = labels[counts].expand(len(masks), -1)[..., None]
    losses = -every.gather(-1, index).mean((1, 2))
    return (losses[1:] - losses[0]).view(layers, heads).to(logits.dtype)


# %% [markdown] answer="hide-it" of="because" points=3
# The GRU mixes words: the state at "dull" also knows "not" beside it, so the weight tells
# which state is read, not which word counts. I would replace "dull" by [MASK] (and train
# with masks so it isn't odd) and look how far the probability falls, against masking a
# random other word, in many reviews and for several seeds. If it falls no more than for a
# random word the report is wrong. The referee's weights show only that another way to the
# same answer exists, not that the model goes it; neighbouring states know "dull" too.


# %% [markdown] answer="experiment" of="because" points=1
# You should take out the word "dull" and see whether the prediction falls more than when
# you take out another word. If it doesn't, the report is wrong.


# %% [markdown] answer="two-thirds" of="because" points=2
# A weight belongs to a hidden state of the GRU, which has read the whole review, so it is
# not the word. Hide the word and compare the drop with that of other words, a small drop
# speaks against it. The referee is right that attention explains nothing.


# %% [markdown] answer="ninety-three" of="because" points=0
# 0.93 is not 1, so other words have 0.07 together, which might be enough. With a higher
# weight the report would be right.
