"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="online-last-maximum" of="online" fails="online-cuts online-rows online-huge online-hidden-keys online-hidden"
# hint: Your largest is that of the last chunk alone. Keep the larger one of it and of what you have.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        new = scores.amax(-1)
        if largest is None:
            largest = torch.full_like(new, -math.inf)
            total = torch.zeros_like(new)
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (largest - finite).exp()
        total = total + (scores - finite[..., None]).exp().sum(-1)
        largest = new
    return largest, total


# %% mistake="online-no-rescale" of="online" fails="online-by-hand online-cuts online-rows online-huge online-one-pass online-hidden"
# hint: When a larger score comes, your sum so far still counts from the old one. Multiply it by exp(old largest - new largest).
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        if largest is None:
            largest = torch.full_like(scores[..., 0], -math.inf)
            total = torch.zeros_like(largest)
        largest = torch.maximum(largest, scores.amax(-1))
        finite = largest.masked_fill(largest == -math.inf, 0.0)
        total = total + (scores - finite[..., None]).exp().sum(-1)
    return largest, total


# %% mistake="online-rescale-upside-down" of="online" fails="online-by-hand online-cuts online-rows online-huge online-one-pass online-hidden"
# hint: You multiply the sum so far by exp(new - old). It has to shrink: exp(old - new).
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        new = scores.amax(-1)
        if largest is None:
            largest, total = new, torch.zeros_like(new)
        new = torch.maximum(largest, new)
        old = largest.masked_fill(largest == -math.inf, 0.0)
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (finite - old).exp()
        total = total + (scores - finite[..., None]).exp().sum(-1)
        largest = new
    return largest, total


# %% mistake="online-no-maximum" of="online" fails="online-huge online-hidden"
# hint: You sum exp(score) and divide in the end. Scores in the thousands overflow, or leave 0: subtract the largest before the exponential.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        top, part = scores.amax(-1), scores.exp().sum(-1)
        largest = top if largest is None else torch.maximum(largest, top)
        total = part if total is None else total + part
    finite = largest.masked_fill(largest == -math.inf, 0.0)
    return largest, total / finite.exp()


# %% mistake="online-from-zero" of="online" fails="online-huge online-hidden-keys online-hidden"
# hint: Your largest starts at 0, so that negative scores never reach it. Start at -inf.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        if largest is None:
            largest = torch.zeros_like(scores[..., 0])
            total = torch.zeros_like(largest)
        new = torch.maximum(largest, scores.amax(-1))
        total = total * (largest - new).exp()
        total = total + (scores - new[..., None]).exp().sum(-1)
        largest = new
    return largest, total


# %% mistake="online-minus-infinity" of="online" fails="online-hidden-keys online-hidden"
# hint: Where a row has no finite score yet, you compute -inf - (-inf), which is NaN. Subtract 0 there.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        top = scores.amax(-1)
        if largest is None:
            largest, total = top, (scores - top[..., None]).exp().sum(-1)
            continue
        new = torch.maximum(largest, top)
        total = total * (largest - new).exp()
        total = total + (scores - new[..., None]).exp().sum(-1)
        largest = new
    return largest, total


# %% mistake="online-hidden-counts" of="online" fails="online-hidden-keys online-hidden"
# hint: A row in which everything is hidden gets a total that is not 0. A hidden score adds exp(-inf) = 0, also where the largest is -inf.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        if largest is None:
            largest = torch.full_like(scores[..., 0], -math.inf)
            total = torch.zeros_like(largest)
        new = torch.maximum(largest, scores.amax(-1))
        shrink = (largest - new).exp().nan_to_num(nan=1.0)
        part = (scores - new[..., None]).exp().nan_to_num(nan=1.0)
        total, largest = total * shrink + part.sum(-1), new
    return largest, total


# %% mistake="online-two-passes" of="online" fails="online-one-pass"
# hint: You go through the chunks twice. A generator is empty then: keep largest and sum up to date in one pass.
# see: sec-15-online
def online_softmax(chunks):
    largest = None
    for scores in chunks:
        top = scores.amax(-1)
        largest = top if largest is None else torch.maximum(largest, top)
    total = torch.zeros_like(largest)
    finite = largest.masked_fill(largest == -math.inf, 0.0)
    for scores in chunks:
        total = total + (scores - finite[..., None]).exp().sum(-1)
    return largest, total


# %% mistake="online-by-index" of="online" fails="online-one-pass"
# hint: You ask the chunks for their number, or for one of them by index. A generator has neither: use `for scores in chunks`.
# see: sec-15-online
def online_softmax(chunks):
    largest = chunks[0].amax(-1)
    finite = largest.masked_fill(largest == -math.inf, 0.0)
    total = (chunks[0] - finite[..., None]).exp().sum(-1)
    for i in range(1, len(chunks)):
        new = torch.maximum(largest, chunks[i].amax(-1))
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (largest - finite).exp()
        total = total + (chunks[i] - finite[..., None]).exp().sum(-1)
        largest = new
    return largest, total


# %% mistake="online-stacked" of="online" fails="online-by-hand online-cuts online-rows online-hidden-keys online-one-pass online-hidden"
# hint: You stack the chunks, which works only where all are equally long.
# see: sec-15-online
def online_softmax(chunks):
    scores = torch.stack(list(chunks), -2).flatten(-2)
    largest = scores.amax(-1)
    finite = largest.masked_fill(largest == -math.inf, 0.0)
    return largest, (scores - finite[..., None]).exp().sum(-1)


# %% mistake="online-one-number" of="online" fails="online-rows online-hidden-keys online-one-pass online-hidden"
# hint: You take the largest and the sum over all rows together. Each row has its own: reduce the last axis alone.
# see: sec-15-online
def online_softmax(chunks):
    largest, total = torch.tensor(-math.inf), torch.tensor(0.0)
    for scores in chunks:
        new = torch.maximum(largest.to(scores.dtype), scores.max())
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (largest - finite).exp()
        total = total + (scores - finite).exp().sum()
        largest = new
    return largest, total


# %% mistake="online-logarithm" of="online" fails="online-by-hand online-cuts online-rows online-huge online-hidden-keys online-one-pass online-hidden"
# hint: Your total is the logarithm of the sum. Return the sum itself, counted from the largest.
# see: sec-15-online
def online_softmax(chunks):
    largest = logs = None
    for scores in chunks:
        top, part = scores.amax(-1), scores.logsumexp(-1)
        largest = top if largest is None else torch.maximum(largest, top)
        logs = part if logs is None else torch.logaddexp(logs, part)
    return largest, logs


# %% mistake="online-in-place" of="online" fails="online-cuts online-rows online-hidden"
# hint: You subtract the largest from the chunk in place (`-=`, `sub_`, `exp_`), so the caller's scores are gone.
# see: sec-15-online
def online_softmax(chunks):
    largest = total = None
    for scores in chunks:
        if largest is None:
            largest = torch.full_like(scores[..., 0], -math.inf)
            total = torch.zeros_like(largest)
        new = torch.maximum(largest, scores.amax(-1))
        finite = new.masked_fill(new == -math.inf, 0.0)
        total = total * (largest - finite).exp()
        scores -= finite[..., None]
        total = total + scores.exp_().sum(-1)
        largest = new
    return largest, total


# %% mistake="tiled-no-scale" of="tiled" fails="tiled-by-hand tiled-blocks tiled-axes tiled-half tiled-errors tiled-hidden"
# hint: The scores are not divided by √d.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype)
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-scale-by-d" of="tiled" fails="tiled-by-hand tiled-blocks tiled-axes tiled-half tiled-errors tiled-hidden"
# hint: You divide by d. Its root keeps the variance of the scores at 1.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / q.shape[-1]
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-scale-by-values" of="tiled" fails="tiled-by-hand tiled-axes tiled-huge tiled-half tiled-memory tiled-hidden"
# hint: You divide by the root of d_v, the width of the values. The dot product has the width of the keys.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(v.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-output-not-mended" of="tiled" fails="tiled-blocks tiled-axes tiled-huge tiled-errors tiled-hidden"
# hint: You shrink the sum when a larger score comes, but not the output so far. Both count from the old largest.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        weights = (scores - new).exp()
        total = total * (largest - new).exp() + weights.sum(-1, keepdim=True)
        output = output + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-sum-not-mended" of="tiled" fails="tiled-blocks tiled-axes tiled-huge tiled-errors tiled-hidden"
# hint: You shrink the output when a larger score comes, but not the sum that it is divided by.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        weights = (scores - new).exp()
        total = total + weights.sum(-1, keepdim=True)
        output = output * (largest - new).exp() + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-softmax-per-block" of="tiled" fails="tiled-by-hand tiled-blocks tiled-axes tiled-huge tiled-half tiled-memory tiled-errors tiled-hidden"
# hint: You take a softmax of each block by itself and add up, or average. Weights must share 1 among all keys: keep the sum, and divide once at the end.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    outputs = [
        (queries @ keys.to(dtype).transpose(-2, -1)).softmax(-1)
        @ values.to(dtype)
        for keys, values in zip(
            k.split(block, -2), v.split(block, -2), strict=True
        )
    ]
    return (sum(outputs) / len(outputs)).to(q.dtype)


# %% mistake="tiled-last-block-dropped" of="tiled" fails="tiled-blocks tiled-axes tiled-huge tiled-memory tiled-hidden"
# hint: You leave out the keys of the last block when it is shorter than the others.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total = torch.zeros_like(largest)
    output = torch.zeros(*q.shape[:-1], v.shape[-1], dtype=dtype)
    for start in range(0, k.shape[-2] - block + 1, block):
        keys = k[..., start : start + block, :].to(dtype)
        values = v[..., start : start + block, :].to(dtype)
        scores = queries @ keys.transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-last-block-padded" of="tiled" fails="tiled-blocks tiled-axes tiled-huge tiled-hidden"
# hint: You fill up the last block with zeros. A key of zeros has a score of 0, not -inf, so it takes weight from the others.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    short = -k.shape[-2] % block
    k, v = F.pad(k, (0, 0, 0, short)), F.pad(v, (0, 0, 0, short))
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-no-maximum" of="tiled" fails="tiled-huge tiled-half tiled-hidden"
# hint: You take the exponential of the scores themselves. In the thousands they overflow, or all vanish: subtract the largest.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    total = output = 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        weights = (queries @ keys.to(dtype).transpose(-2, -1)).exp()
        total = total + weights.sum(-1, keepdim=True)
        output = output + weights @ values.to(dtype)
    return (output / total).to(q.dtype)


# %% mistake="tiled-maximum-from-zero" of="tiled" fails="tiled-huge tiled-hidden"
# hint: Your largest starts at 0. Where all scores are far below, every exponential is 0, and so is the sum: start at -inf.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.zeros_like(queries[..., :1])
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-first-maximum" of="tiled" fails="tiled-huge tiled-hidden"
# hint: You keep the largest score of the first block. A later one may be thousands above it, and its exponential is infinite.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest, total, output = None, 0.0, 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        if largest is None:
            largest = scores.amax(-1, keepdim=True)
        weights = (scores - largest).exp()
        total = total + weights.sum(-1, keepdim=True)
        output = output + weights @ values.to(dtype)
    return (output / total).to(q.dtype)


# %% mistake="tiled-last-maximum" of="tiled" fails="tiled-huge tiled-half tiled-hidden"
# hint: Your largest is that of the present block alone. If it is below an earlier one, the factor for what came before is infinite: keep the larger of both.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = scores.amax(-1, keepdim=True)
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-one-maximum" of="tiled" fails="tiled-hidden"
# hint: You subtract one largest score for all queries. Where a query's own scores lie far below, it is left with zeros: a largest for each row.
# see: sec-15-online
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.tensor(-math.inf, dtype=dtype)
    total, output = 0.0, 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.to(dtype).transpose(-2, -1)
        new = torch.maximum(largest, scores.max())
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-all-scores" of="tiled" fails="tiled-memory"
# hint: You compute all n x n scores, and cut them afterwards or not at all. Cut the keys first, so that only one block of scores is there at a time.
# see: sec-15-memory
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    scores = q.to(dtype) @ k.to(dtype).transpose(-2, -1)
    weights = (scores / math.sqrt(q.shape[-1])).softmax(-1)
    return (weights @ v.to(dtype)).to(q.dtype)


# %% mistake="tiled-sums-in-half" of="tiled" fails="tiled-half"
# hint: Your products or your sums run in float16. Cast the arguments to float32 first, and the output back at the end.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    queries = q / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values
        largest = new
    return output / total


# %% mistake="tiled-product-in-half" of="tiled" fails="tiled-half"
# hint: You multiply q by k in float16. A product above 65504 is infinite then, and `.float()` afterwards comes too late: cast q and k first.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    largest = torch.full_like(q[..., :1], -math.inf, dtype=dtype)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = (q @ keys.transpose(-2, -1)).to(dtype) / math.sqrt(q.shape[-1])
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-returns-float32" of="tiled" fails="tiled-half tiled-hidden"
# hint: Whatever came, you return float32. Cast the output back to the dtype of `q`.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    queries = q.float() / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for keys, values in zip(
        k.split(block, -2), v.split(block, -2), strict=True
    ):
        scores = queries @ keys.float().transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values.float()
        largest = new
    return output / total


# %% mistake="tiled-one-sequence" of="tiled" fails="tiled-axes tiled-hidden"
# hint: This works for one sequence. With axes in front the keys lie on the second to last axis, and only the last two are exchanged.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    if block < 1:
        raise ValueError("block")
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full((len(q), 1), -math.inf, dtype=dtype)
    total, output = torch.zeros_like(largest), 0.0
    for start in range(0, len(k), block):
        scores = queries @ k[start : start + block].to(dtype).T
        new = torch.maximum(largest, scores.max(1, keepdim=True).values)
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(1, keepdim=True)
        output = output * shrink + weights @ v[start : start + block].to(dtype)
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="tiled-no-error" of="tiled" fails="tiled-errors"
# hint: A block of less than 1 has to be refused with a ValueError.
# see: sec-15-tiling
def tiled_attention(q, k, v, block):
    dtype = torch.promote_types(q.dtype, torch.float32)
    queries = q.to(dtype) / math.sqrt(q.shape[-1])
    largest = torch.full_like(queries[..., :1], -math.inf)
    total, output = torch.zeros_like(largest), 0.0
    for start in range(0, k.shape[-2], max(block, 1)):
        keys = k[..., start : start + max(block, 1), :].to(dtype)
        values = v[..., start : start + max(block, 1), :].to(dtype)
        scores = queries @ keys.transpose(-2, -1)
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        shrink, weights = (largest - new).exp(), (scores - new).exp()
        total = total * shrink + weights.sum(-1, keepdim=True)
        output = output * shrink + weights @ values
        largest = new
    return (output / total).to(q.dtype)


# %% mistake="window-one-too-many" of="window" fails="window-by-hand window-edges window-errors window-hidden"
# hint: Your window has one key too many: i - window is outside, since `window` counts the query itself.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back >= 0) & (back <= window)


# %% mistake="window-without-itself" of="window" fails="window-by-hand window-boolean window-edges window-errors window-hidden"
# hint: A query may attend to itself too, and does so in any window.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back > 0) & (back < window)


# %% mistake="window-shifted" of="window" fails="window-by-hand window-boolean window-edges window-errors window-hidden"
# hint: Your window ends one key before the query, and begins one too early.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back > 0) & (back <= window)


# %% mistake="window-both-sides" of="window" fails="window-by-hand window-boolean window-edges window-hidden"
# hint: Your window reaches into the future. Nothing behind the query may be seen.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return back.abs() < window


# %% mistake="window-transposed" of="window" fails="window-by-hand window-boolean window-edges window-hidden"
# hint: Rows and columns are exchanged. A row is a query, and row 0 sees key 0 alone.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    ahead = torch.arange(n) - torch.arange(n)[:, None]
    return (ahead >= 0) & (ahead < window)


# %% mistake="window-inverted" of="window" fails="window-by-hand window-boolean window-edges window-errors window-hidden"
# hint: Your mask is True on what is hidden. Here True means "may attend": invert it.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back < 0) | (back >= window)


# %% mistake="window-numbers" of="window" fails="window-boolean"
# hint: The values are right, the dtype is not: return booleans, as a comparison makes them.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    ones = torch.ones(n, n)
    return ones.tril() - ones.tril(-window)


# %% mistake="window-causal-only" of="window" fails="window-by-hand window-edges window-errors window-hidden"
# hint: This is the causal mask; keys that lie `window` or more back are still seen.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    return torch.ones(n, n, dtype=torch.bool).tril()


# %% mistake="window-blocks" of="window" fails="window-by-hand window-hidden"
# hint: You cut the text into pieces of `window` tokens. The window slides: each query looks back as far as the others.
# see: sec-15-windows
def sliding_window_mask(n, window):
    if window < 1:
        raise ValueError("window")
    place = torch.arange(n)
    same = place[:, None] // window == place // window
    return same & (place <= place[:, None])


# %% mistake="window-no-error" of="window" fails="window-errors"
# hint: A window of less than 1 has to be refused with a ValueError.
# see: sec-15-windows
def sliding_window_mask(n, window):
    back = torch.arange(n)[:, None] - torch.arange(n)
    return (back >= 0) & (back < window)


# %% mistake="linear-not-normalised" of="linear" fails="linear-by-hand linear-definition linear-features linear-zero linear-memory linear-hidden"
# hint: Your weights don't sum to 1: divide by the sum of φ(q)·φ(k) over the keys.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    return q @ (k.transpose(-2, -1) @ v)


# %% mistake="linear-mean" of="linear" fails="linear-by-hand linear-definition linear-features linear-zero linear-memory linear-hidden"
# hint: You divide by the number of keys. Divide by the sum of the weights, which each query has for itself.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    return q @ (k.transpose(-2, -1) @ v) / k.shape[-2]


# %% mistake="linear-queries-only" of="linear" fails="linear-definition linear-features linear-memory linear-hidden"
# hint: You use the feature map for the queries alone; the keys need it too.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q = feature_map(q)
    below = q @ k.sum(-2).unsqueeze(-1)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-keys-only" of="linear" fails="linear-definition linear-features linear-memory linear-hidden"
# hint: You use the feature map for the keys alone; the queries need it too.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    k = feature_map(k)
    below = q @ k.sum(-2).unsqueeze(-1)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-no-features" of="linear" fails="linear-definition linear-features linear-memory linear-hidden"
# hint: You never call `feature_map`.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    below = q @ k.sum(-2).unsqueeze(-1)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-softmax" of="linear" fails="linear-by-hand linear-definition linear-features linear-zero linear-memory linear-hidden"
# hint: You take a softmax of the scores. Here the weights are φ(q)·φ(k) themselves, divided by their sum.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    scores = feature_map(q) @ feature_map(k).transpose(-2, -1)
    return scores.softmax(-1) @ v


# %% mistake="linear-all-weights" of="linear" fails="linear-memory"
# hint: You write down all m x n weights. Multiply φ(k)ᵀ by v first: r x d_v numbers, however many keys there are.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    weights = feature_map(q) @ feature_map(k).transpose(-2, -1)
    below = weights.sum(-1, keepdim=True)
    return torch.where(below == 0, 0.0, weights @ v / below)


# %% mistake="linear-small-number-added" of="linear" fails="linear-zero linear-hidden"
# hint: You add a small number to the denominator, or clamp it. Features may be smaller still, and their output comes out too small: look where it is exactly 0.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    below = q @ k.sum(-2).unsqueeze(-1) + 1e-8
    return q @ (k.transpose(-2, -1) @ v) / below


# %% mistake="linear-zero-by-zero" of="linear" fails="linear-zero linear-hidden"
# hint: Where no key answers a query you divide 0 by 0, which is NaN. The output is 0 there.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    below = q @ k.sum(-2).unsqueeze(-1)
    return q @ (k.transpose(-2, -1) @ v) / below


# %% mistake="linear-one-denominator" of="linear" fails="linear-by-hand linear-definition linear-features linear-zero linear-memory linear-hidden"
# hint: You divide by the sum of all weights, of all queries. Each query's weights sum to 1.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    below = (q @ k.sum(-2).unsqueeze(-1)).sum(-2, keepdim=True)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-sum-over-features" of="linear" fails="linear-by-hand linear-definition linear-features linear-zero linear-memory linear-hidden"
# hint: Your denominator sums the keys' features, not the keys. Sum over the second to last axis, which counts keys.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    below = q.sum(-1, keepdim=True) * k.sum((-2, -1), keepdim=True)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-scaled" of="linear" fails="linear-definition linear-features linear-hidden"
# hint: You divide queries by √d before the feature map. Nothing is scaled here.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q / math.sqrt(q.shape[-1])), feature_map(k)
    below = q @ k.sum(-2).unsqueeze(-1)
    above = q @ (k.transpose(-2, -1) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-causal" of="linear" fails="linear-by-hand linear-definition linear-features linear-memory linear-hidden"
# hint: Each query sees the keys up to its own place alone. Here nothing is masked: all keys count.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    m = min(q.shape[-2], k.shape[-2])
    states = (k[..., :m, :, None] * v[..., :m, None, :]).cumsum(-3)
    seen = k[..., :m, :].cumsum(-2)
    last = torch.arange(q.shape[-2]).clamp(max=m - 1)
    above = (q.unsqueeze(-2) @ states[..., last, :, :]).squeeze(-2)
    below = (q * seen[..., last, :]).sum(-1, keepdim=True)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="linear-one-sequence" of="linear" fails="linear-definition linear-hidden"
# hint: `.T` and an axis 0 are right for one sequence. With axes in front, exchange the last two alone and sum over axis -2.
# see: sec-15-linear
def linear_attention(q, k, v, feature_map):
    q, k = feature_map(q), feature_map(k)
    below = q @ k.sum(0).unsqueeze(-1)
    above = q @ (k.permute(1, 0) @ v)
    return torch.where(below == 0, 0.0, above / below)


# %% mistake="grouped-modulo" of="grouped" fails="grouped-values grouped-keys grouped-heads grouped-hidden"
# hint: Your query head i uses head i % g, as `repeat` arranges them. Neighbours share: i // (h / g), as `repeat_interleave` arranges them.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat(1, h // g, 1, 1), v.repeat(1, h // g, 1, 1)
    scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
    return scores.softmax(-1) @ v


# %% mistake="grouped-by-g" of="grouped" fails="grouped-values grouped-heads grouped-hidden"
# hint: You divide the number of the head by g. The size of a group is h / g.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    of = torch.arange(h) // g
    of = of.clamp(max=g - 1)
    scores = q / math.sqrt(q.shape[-1]) @ k[:, of].transpose(-2, -1)
    return scores.softmax(-1) @ v[:, of]


# %% mistake="grouped-values-otherwise" of="grouped" fails="grouped-values grouped-heads grouped-hidden"
# hint: Keys and values are shared out in different ways. Both follow i // (h / g).
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat_interleave(h // g, 1), v.repeat(1, h // g, 1, 1)
    scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
    return scores.softmax(-1) @ v


# %% mistake="grouped-keys-otherwise" of="grouped" fails="grouped-keys grouped-heads grouped-hidden"
# hint: The values are shared out as they should be, the keys are not: your query head i meets key head i % g.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat(1, h // g, 1, 1), v.repeat_interleave(h // g, 1)
    scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
    return scores.softmax(-1) @ v


# %% mistake="grouped-first-head" of="grouped" fails="grouped-values grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: All your query heads use head 0 of the keys and values. That is multi-query attention, right for g = 1 alone.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    if q.shape[1] % k.shape[1]:
        raise ValueError("g does not divide h")
    scores = q / math.sqrt(q.shape[-1]) @ k[:, :1].transpose(-2, -1)
    return scores.softmax(-1) @ v[:, :1]


# %% mistake="grouped-mean-of-heads" of="grouped" fails="grouped-heads grouped-errors grouped-hidden"
# hint: You average the query heads of a group. Only keys and values are shared; each query head has an output of its own.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    q = q.unflatten(1, (g, h // g)).mean(2)
    scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
    return (scores.softmax(-1) @ v).repeat_interleave(h // g, 1)


# %% mistake="grouped-no-scale" of="grouped" fails="grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: The scores of the heads are not divided by √d.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat_interleave(h // g, 1), v.repeat_interleave(h // g, 1)
    return (q @ k.transpose(-2, -1)).softmax(-1) @ v


# %% mistake="grouped-scale-of-all" of="grouped" fails="grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: You divide by the root of h · d, the width of all heads together. A dot product has d terms.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat_interleave(h // g, 1), v.repeat_interleave(h // g, 1)
    scores = q / math.sqrt(h * q.shape[-1]) @ k.transpose(-2, -1)
    return scores.softmax(-1) @ v


# %% mistake="grouped-over-queries" of="grouped" fails="grouped-values grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: Your softmax runs over the queries. Each query shares its weight among the keys: the last axis.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat_interleave(h // g, 1), v.repeat_interleave(h // g, 1)
    scores = q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)
    return scores.softmax(-2) @ v


# %% mistake="grouped-over-the-group" of="grouped" fails="grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: You put the queries of a group behind one another, and don't undo it rightly: heads and positions are mixed. `reshape` does not exchange axes.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    batch, h, n, d = q.shape
    g = k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    queries = q.unflatten(1, (g, h // g)).transpose(2, 3).flatten(2, 3)
    scores = queries / math.sqrt(d) @ k.transpose(-2, -1)
    return (scores.softmax(-1) @ v).reshape(batch, h, n, d)


# %% mistake="grouped-causal" of="grouped" fails="grouped-keys grouped-heads grouped-errors grouped-hidden"
# hint: Your queries don't see the keys that come later. Nothing is masked here.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    if h % g:
        raise ValueError("g does not divide h")
    k, v = k.repeat_interleave(h // g, 1), v.repeat_interleave(h // g, 1)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


# %% mistake="grouped-no-error" of="grouped" fails="grouped-errors"
# hint: Where g does not divide h some heads go on with what is there, or another exception comes. Raise a ValueError.
# see: sec-15-grouped
def grouped_query_attention(q, k, v):
    h, g = q.shape[1], k.shape[1]
    of = torch.arange(h) // max(h // g, 1)
    of = of.clamp(max=g - 1)
    scores = q / math.sqrt(q.shape[-1]) @ k[:, of].transpose(-2, -1)
    return scores.softmax(-1) @ v[:, of]


# %% right="plain-loops" of="online"
def online_softmax(chunks):
    """Read score by score, as on paper; the first chunk starts the sums."""
    rows = None
    for chunk in chunks:
        if rows is None:
            lead, dtype = chunk.shape[:-1], chunk.dtype
            rows = [[-math.inf, 0.0] for _ in range(math.prod(lead))]
        flat = chunk.reshape(len(rows), chunk.shape[-1]).tolist()
        for row, scores in zip(rows, flat, strict=True):
            for x in scores:
                if x > row[0]:
                    row[:] = x, row[1] * math.exp(row[0] - x) + 1.0
                elif x > -math.inf:
                    row[1] += math.exp(x - row[0])
    found = torch.tensor(rows, dtype=torch.float64).to(dtype)
    return found[:, 0].reshape(lead), found[:, 1].reshape(lead)


# %% right="plain-loops" of="tiled"
def tiled_attention(q, k, v, block):
    """Loop over blocks of queries and of keys, in float64; no carry by name."""
    if block <= 0:
        raise ValueError("a block has at least one key")
    n, root = q.shape[-2], q.shape[-1] ** 0.5
    parts = []
    step = max(block, 512)
    for row in range(0, n, step):
        queries = q[..., row : row + step, :].double() / root
        state = None
        for start in range(0, n, block):
            keys = k[..., start : start + block, :].double()
            values = v[..., start : start + block, :].double()
            scores = torch.einsum("...qd,...kd->...qk", queries, keys)
            top = scores.amax(-1, keepdim=True)
            e = torch.exp(scores - top)
            here = torch.cat([e @ values, e.sum(-1, keepdim=True)], -1)
            if state is None:
                state, level = here, top
            else:
                best = torch.where(top > level, top, level)
                state = state * torch.exp(level - best)
                state = state + here * torch.exp(top - best)
                level = best
        parts.append(state[..., :-1] / state[..., -1:])
    return torch.cat(parts, -2).to(q.dtype)


# %% right="plain-loops" of="window"
def sliding_window_mask(n, window):
    """Write Trues, row by row."""
    if window <= 0:
        raise ValueError("a window has at least one key")
    mask = torch.zeros(n, n, dtype=torch.bool)
    for i in range(n):
        mask[i, max(0, i + 1 - window) : i + 1] = True
    return mask


# %% right="plain-loops" of="linear"
def linear_attention(q, k, v, feature_map):
    """Read key by key, as a recurrent network with a state of fixed size."""
    dtype = v.dtype
    phi_q, phi_k = feature_map(q).double(), feature_map(k).double()
    width = phi_k.shape[-1]
    state = torch.zeros(
        *k.shape[:-2], width, v.shape[-1] + 1, dtype=torch.float64
    )
    one = torch.ones(*v.shape[:-1], 1, dtype=torch.float64)
    pairs = torch.cat([v.double(), one], -1)
    for j in range(k.shape[-2]):
        state += phi_k[..., j, :, None] * pairs[..., j, None, :]
    found = phi_q @ state
    above, below = found[..., :-1], found[..., -1:]
    share = torch.zeros_like(above)
    some = (below != 0).expand_as(above)
    share[some] = (above[some] / below.expand_as(above)[some]).to(share.dtype)
    return share.to(dtype)


# %% right="plain-loops" of="grouped"
def grouped_query_attention(q, k, v):
    """Go through the query heads."""
    h, g = q.shape[1], k.shape[1]
    size, rest = divmod(h, g)
    if rest:
        raise ValueError("each head of keys serves as many heads of queries")
    heads = []
    for i in range(h):
        keys, values = k[:, i // size].double(), v[:, i // size].double()
        scores = torch.bmm(q[:, i].double(), keys.mT) * q.shape[-1] ** -0.5
        e = torch.exp(scores - scores.amax(-1, keepdim=True))
        heads.append(torch.bmm(e / e.sum(-1, keepdim=True), values))
    return torch.stack(heads, 1).to(q.dtype)


# %% right="torchs" of="online"
def online_softmax(chunks):
    """Carry the logarithm of the sum, with torch's logaddexp."""
    largest = logs = None
    for scores in chunks:
        top, part = scores.max(dim=-1).values, torch.logsumexp(scores, dim=-1)
        if logs is None:
            largest, logs = top, part
        else:
            largest, logs = largest.maximum(top), torch.logaddexp(logs, part)
    hidden = torch.isneginf(largest)
    total = torch.exp(logs - torch.where(hidden, 0.0, largest))
    return largest, torch.where(hidden, 0.0, total).to(largest.dtype)


# %% right="torchs" of="tiled"
def tiled_attention(q, k, v, block):
    """Weigh the outputs of the blocks by their logsumexp."""
    if not block >= 1:
        raise ValueError(f"block = {block}")
    work = torch.float64 if q.dtype == torch.float64 else torch.float32
    q, keys, values = q.to(work), k.to(work), v.to(work)
    output, logs = 0.0, None
    for i in range(math.ceil(k.shape[-2] / block)):
        here = slice(i * block, (i + 1) * block)
        scores = (q @ keys[..., here, :].mT) * q.shape[-1] ** -0.5
        part = scores.logsumexp(-1, keepdim=True)
        logs = part if logs is None else torch.logaddexp(before := logs, part)
        if i:
            output = output * torch.exp(before - logs)
        share = torch.exp(part - logs)
        output = output + share * (scores.softmax(-1) @ values[..., here, :])
    return output.to(v.dtype)


# %% right="torchs" of="window"
def sliding_window_mask(n, window):
    """Cut off what lies ahead and what lies too far back."""
    if window < 1:
        raise ValueError(f"window = {window}")
    return torch.ones(n, n).tril().triu(1 - window) == 1


# %% right="torchs" of="linear"
def linear_attention(q, k, v, feature_map):
    """Let the denominators come as one more value of 1 for each key."""
    more = F.pad(v, (0, 1), value=1.0)
    features = feature_map(k)
    state = torch.einsum("...nr,...nv->...rv", features, more)
    found = torch.einsum("...mr,...rv->...mv", feature_map(q), state)
    y = found[..., :-1] / found[..., -1:]
    return torch.where(found[..., -1:] > 0, y, torch.zeros_like(y))


# %% right="torchs" of="grouped"
def grouped_query_attention(q, k, v):
    """Use torch's own function, which refuses with another exception."""
    if q.shape[1] % k.shape[1] != 0:
        raise ValueError(f"h = {q.shape[1]}, g = {k.shape[1]}")
    return F.scaled_dot_product_attention(q, k, v, enable_gqa=True)


# %% right="shared" of="grouped"
def grouped_query_attention(q, k, v):
    """Put the queries of a group behind one another: g heads of more queries."""
    batch, h, n, d = q.shape
    g = k.shape[1]
    if h // g * g != h:
        raise ValueError(f"h = {h}, g = {g}")
    queries = q.reshape(batch, g, -1, d)
    scores = torch.einsum("bgqd,bgkd->bgqk", queries, k) / d**0.5
    return (torch.softmax(scores, -1) @ v).reshape(batch, h, n, d)


# %% right="shared" of="tiled"
def tiled_attention(q, k, v, block):
    """Hold few queries against all keys: no more than n x block scores either."""
    if block < 1:
        raise ValueError(f"block = {block}")
    wide = torch.promote_types(q.dtype, torch.float32)
    keys, values = k.to(wide).mT / math.sqrt(k.shape[-1]), v.to(wide)
    rows = [
        (part.to(wide) @ keys).softmax(-1) @ values
        for part in q.split(block, -2)
    ]
    return torch.cat(rows, -2).to(q.dtype)


# %% [markdown] answer="full" of="friends" points=3
# Tiled attention keeps for each head n x 128 scores, 8 MiB, and not n x n, which would be 2 GiB, and its output is exact. It does all the
# multiplications though, so four times the length costs 16 times the time. The cache is not touched by it: 2 x 32 x 32 x 128 x 32,768 x 2
# bytes = 16 GiB, and 4 GiB if we have grouped queries with 8 key heads. With Ben's window the token 20,000 back can only come through 5 or more
# layers, each copying it on into its state without knowing that somebody will ask for it, and nobody trained the model to copy it. It
# may be forgotten on the way, so something is lost, and it needs training.

# %% [markdown] answer="half" of="friends" points=1.5
# Scores go from 2 GiB to 8 MiB, but the time is still quadratic, so Anna is wrong about time. The window forgets what is more than 4,096 tokens
# back, so the model cannot answer at all, whatever the layers do. The cache is large.

# %% [markdown] answer="no" of="friends" points=0
# Both are right: tiling makes everything linear and a window loses nothing because there are many layers.
