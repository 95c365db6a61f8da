"""Wrong answers that students give, and other right ones. Never run as a script."""


# %% mistake="dilated-centred" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-hidden"
# hint: You pad both sides alike, so that half of the taps see the future. All zeros go before the start.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    n = x.shape[-1]
    half = ((weight.shape[-1] - 1) * dilation + 1) // 2
    padded = F.pad(x, (half, half))
    return F.conv1d(padded, weight, dilation=dilation)[..., :n]


# %% mistake="dilated-padded-behind" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: The zeros stand behind the end, so that the first tap lies on the present and the others in the future. Pad before the start.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (0, before)), weight, dilation=dilation)


# %% mistake="dilated-one-late" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: The last tap lies on the position before the present: you pad by one too many.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before + 1, -1)), weight, dilation=dilation)


# %% mistake="dilated-sees-next" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: The last tap lies on the next position: each output sees one step of the future.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before - 1, 1)), weight, dilation=dilation)


# %% mistake="dilated-flipped" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: Your kernel is turned round: the first tap lies on the present. It is the last one that does.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight.flip(-1), dilation=dilation)


# %% mistake="dilated-no-dilation" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-hidden"
# hint: The dilation is never used: your taps lie side by side.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = weight.shape[-1] - 1
    return F.conv1d(F.pad(x, (before, 0)), weight)


# %% mistake="dilated-pads-without-dilation" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-hidden"
# hint: You pad by k - 1. The taps are `dilation` positions apart, so the answer is too short.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = weight.shape[-1] - 1
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)


# %% mistake="dilated-pads-a-tap-more" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: You pad by k d. Between k taps there are k - 1 gaps: the answer is too long.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = weight.shape[-1] * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)


# %% mistake="dilated-gap-not-distance" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: You leave `dilation` positions out between two taps, so that they are d + 1 apart. They are d apart.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    step = dilation + 1
    before = (weight.shape[-1] - 1) * step
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=step)


# %% mistake="dilated-stride" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-hidden"
# hint: The dilation is used as a stride: you leave outputs out. Each position has an output; it is the taps that are apart.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = weight.shape[-1] - 1
    return F.conv1d(F.pad(x, (before, 0)), weight, stride=dilation)


# %% mistake="dilated-doubled" of="dilated" fails="dilated-by-hand dilated-hidden"
# hint: Your taps lie 1, 2, 4 … positions back. Within one layer they are evenly apart: d, 2d, 3d.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    n, k = x.shape[-1], weight.shape[-1]
    y = weight[:, :, -1] @ x
    for j in range(1, k):
        back = dilation * 2 ** (j - 1)
        moved = F.pad(x, (back, 0))[..., :n]
        y = y + weight[:, :, k - 1 - j] @ moved
    return y


# %% mistake="dilated-valid" of="dilated" fails="dilated-by-hand dilated-channels dilated-causal dilated-wide dilated-errors dilated-hidden"
# hint: Nothing is padded: the first positions have no output. They meet zeros before the start.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    return F.conv1d(x, weight, dilation=dilation)


# %% mistake="dilated-valid-then-zeros" of="dilated" fails="dilated-by-hand dilated-channels dilated-wide dilated-errors dilated-hidden"
# hint: Outputs whose taps stick out are 0 in your answer. Only what stands before the start is 0: the other taps count.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    n, span = x.shape[-1], (weight.shape[-1] - 1) * dilation
    if span >= n:
        return x.new_zeros(x.shape[0], weight.shape[0], n)
    return F.pad(F.conv1d(x, weight, dilation=dilation), (span, 0))


# %% mistake="dilated-repeats-start" of="dilated" fails="dilated-by-hand dilated-channels dilated-wide dilated-errors dilated-hidden"
# hint: Before the start you repeat the first position. There is 0.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(
        F.pad(x, (before, 0), mode="replicate"), weight, dilation=dilation
    )


# %% mistake="dilated-wraps" of="dilated" fails="dilated-by-hand dilated-channels dilated-wide dilated-errors dilated-hidden"
# hint: What sticks out at the start comes in again from the end: `roll` turns in a circle, and a negative index counts from behind. Before the start there is 0.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    k = weight.shape[-1]
    y = 0
    for j in range(k):
        y = y + weight[:, :, j] @ x.roll((k - 1 - j) * dilation, -1)
    return y


# %% mistake="dilated-weights-transposed" of="dilated" fails="dilated-channels dilated-causal dilated-hidden"
# hint: Channels out and in have changed places: the kernel is (c_out, c_in, k).
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(
        F.pad(x, (before, 0)), weight.transpose(0, 1), dilation=dilation
    )


# %% mistake="dilated-channels-not-summed" of="dilated" fails="dilated-channels dilated-causal dilated-hidden"
# hint: Each channel out sees one channel in. It sums over all of them.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    n, k = x.shape[-1], weight.shape[-1]
    y = x.new_zeros(x.shape[0], weight.shape[0], n)
    for o in range(weight.shape[0]):
        c = o % x.shape[1]
        for j in range(k):
            moved = F.pad(x, ((k - 1 - j) * dilation, 0))[..., :n]
            y[:, o] += weight[o, c, j] * moved[:, c]
    return y


# %% mistake="dilated-first-sequence" of="dilated" fails="dilated-channels dilated-hidden"
# hint: All sequences of the batch get the answer of the first one.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    before = (weight.shape[-1] - 1) * dilation
    y = F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)
    return y[:1].expand(x.shape[0], -1, -1)


# %% mistake="dilated-always-float32" of="dilated" fails="dilated-channels dilated-hidden"
# hint: Your answer is float32 whatever comes in. Make it in the dtype of x.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1: got {dilation}")
    n, k = x.shape[-1], weight.shape[-1]
    y = torch.zeros(x.shape[0], weight.shape[0], n)
    for t in range(n):
        for j in range(k):
            back = t - (k - 1 - j) * dilation
            if back >= 0:
                y[:, :, t] += (x[:, :, back] @ weight[:, :, j].T).float()
    return y


# %% mistake="dilated-no-errors" of="dilated" fails="dilated-errors"
# hint: A dilation of less than 1 is not refused: raise a ValueError.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        return x.new_zeros(x.shape[0], weight.shape[0], x.shape[-1])
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)


# %% mistake="dilated-zero-allowed" of="dilated" fails="dilated-errors"
# hint: A dilation of 0 is not refused: all taps would lie on the present.
# see: sec-14-dilated
def causal_dilated_conv(x, weight, dilation):
    if dilation < 0:
        raise ValueError(f"dilation must not be negative: got {dilation}")
    if dilation == 0:
        return weight.sum(-1) @ x
    before = (weight.shape[-1] - 1) * dilation
    return F.conv1d(F.pad(x, (before, 0)), weight, dilation=dilation)


# %% right="loops" of="dilated"
def causal_dilated_conv(x, weight, dilation):
    if dilation < 1:
        raise ValueError("a dilation of less than 1")
    batch, c_in, n = x.shape
    c_out, _, k = weight.shape
    places = []
    for t in range(n):
        total = x.new_zeros(batch, c_out)
        for back in range(k):
            if t - back * dilation >= 0:
                tap = weight[:, :, k - 1 - back]
                total = total + x[:, :, t - back * dilation] @ tap.T
        places.append(total)
    return torch.stack(places, dim=-1)


# %% right="windows" of="dilated"
def causal_dilated_conv(x, weight, dilation):
    if not dilation >= 1:
        raise ValueError(f"{dilation=}")
    span = (weight.size(2) - 1) * dilation
    start = torch.zeros(*x.shape[:2], span, dtype=x.dtype)
    windows = torch.cat([start, x], dim=2).unfold(2, span + 1, 1)
    return torch.einsum("bcnk,ock->bon", windows[..., ::dilation], weight)


# %% mistake="field-no-present" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You count how far back the stack leads. The present counts too: add 1.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return (kernel - 1) * sum(dilations)


# %% mistake="field-taps-not-gaps" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You multiply by the number of taps. Between k taps there are k - 1 gaps.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + kernel * sum(dilations)


# %% mistake="field-no-kernel" of="field" fails="field-by-hand field-edges field-hidden"
# hint: The kernel is never used: this is right for two taps alone.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + sum(dilations)


# %% mistake="field-dilation-and-kernel-swapped" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: The number of layers is multiplied by the kernel, and the dilations by nothing. Each layer adds (k - 1) d.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + kernel * len(dilations)


# %% mistake="field-dilations-minus-one" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You take 1 off the dilations instead of the kernel. Two taps with a dilation of d lie d apart.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + kernel * sum(dilation - 1 for dilation in dilations)


# %% mistake="field-largest-alone" of="field" fails="field-by-hand field-wavenet field-hidden"
# hint: You take the widest layer alone. The layers stand on each other: what each adds is summed.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * max(dilations, default=0)


# %% mistake="field-last-alone" of="field" fails="field-by-hand field-wavenet field-hidden"
# hint: You take the last layer alone. The layers stand on each other: what each adds is summed.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * (dilations[-1] if dilations else 0)


# %% mistake="field-fields-added" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You add up the receptive fields of the layers, and so count the present once a layer. Count it once.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return sum(1 + (kernel - 1) * d for d in dilations) or 1


# %% mistake="field-fields-multiplied" of="field" fails="field-by-hand field-wavenet field-hidden"
# hint: You multiply the receptive fields of the layers. A layer only shifts by (k - 1) d more: add.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return math.prod(1 + (kernel - 1) * d for d in dilations)


# %% mistake="field-power-of-kernel" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You count on dilations of 1, k, k² …, which give k to the power of the number of layers. Any dilations may come: add them up.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return kernel ** len(dilations)


# %% mistake="field-no-dilations" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You count each layer as if its taps lay side by side. Multiply by its dilation.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * len(dilations)


# %% mistake="field-positions-counted" of="field" fails="field-by-hand field-edges field-hidden"
# hint: You count the positions that the taps meet. What is asked for is the length from the oldest of them to the present, gaps included.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    seen = {0}
    for d in dilations:
        seen = {t + j * d for t in seen for j in range(kernel)}
    return len(seen)


# %% mistake="field-repeats-dropped" of="field" fails="field-by-hand field-wavenet field-hidden"
# hint: The same dilation counts once in your sum. Each layer counts, also if another has its dilation.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * sum(set(dilations))


# %% mistake="field-centred" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You look half a kernel back, and half ahead. These convolutions are causal: the whole kernel lies behind the present.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) // 2 * sum(dilations)


# %% mistake="field-both-sides" of="field" fails="field-by-hand field-wavenet field-edges field-hidden"
# hint: You look to both sides. These convolutions are causal: nothing comes from the future.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + 2 * (kernel - 1) * sum(dilations)


# %% mistake="field-float" of="field" fails="field-by-hand field-hidden"
# hint: Your answer is a float. Return an int: add up whole numbers.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1.0 + (kernel - 1) * sum(dilations)


# %% mistake="field-no-layers" of="field" fails="field-edges"
# hint: Without layers you fail or return 0. Then only the present is seen: 1.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * sum(dilations) if dilations else 0


# %% mistake="field-no-errors" of="field" fails="field-edges"
# hint: Kernels and dilations of less than 1 are not refused: raise a ValueError.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    return 1 + (kernel - 1) * sum(dilations)


# %% mistake="field-kernel-not-refused" of="field" fails="field-edges"
# hint: A kernel of less than 1 is not refused: raise a ValueError.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if any(dilation < 1 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * sum(dilations)


# %% mistake="field-dilation-zero" of="field" fails="field-edges"
# hint: A dilation of 0 is not refused: dilations are 1 or more.
# see: sec-14-reach
def receptive_field(dilations, kernel):
    if kernel < 1:
        raise ValueError(f"kernel must be at least 1: got {kernel}")
    if any(dilation < 0 for dilation in dilations):
        raise ValueError(f"dilations must be at least 1: got {dilations}")
    return 1 + (kernel - 1) * sum(dilations)


# %% right="loops" of="field"
def receptive_field(dilations, kernel):
    oldest = 0
    if kernel <= 0:
        raise ValueError("a kernel has a tap at least")
    for dilation in dilations:
        if dilation <= 0:
            raise ValueError("a dilation is 1 or more")
        for _ in range(kernel - 1):
            oldest -= dilation
    return 1 - oldest


# %% right="windows" of="field"
def receptive_field(dilations, kernel):
    if min([kernel, *dilations]) < 1:
        raise ValueError(f"{dilations=}, {kernel=}")
    return int(torch.tensor([1] + [d * (kernel - 1) for d in dilations]).sum())


# %% mistake="separable-causal" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: You pad before the start alone. This one looks to both sides: the middle tap lies on the position.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    padded = F.pad(x, (k - 1, 0))
    alone = F.conv1d(padded, depthwise, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-first-tap-here" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: You pad behind the end alone, so that the first tap lies on the position. The middle one does.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    padded = F.pad(x, (0, k - 1))
    alone = F.conv1d(padded, depthwise, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-flipped" of="separable" fails="separable-by-hand separable-channels separable-full separable-hidden"
# hint: Your depthwise kernel is turned round: the last tap lies behind the position, not before it.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise.flip(-1), padding=k // 2, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-valid" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: Nothing is padded, so the answer is shorter than x. Outside there are zeros, (k - 1)/2 on each side.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-repeats-ends" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: At the ends you repeat what stands there. Outside there is 0.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    padded = F.pad(x, (k // 2, k // 2), mode="replicate")
    alone = F.conv1d(padded, depthwise, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-wraps" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: What sticks out at one end comes in again at the other: `roll` turns in a circle. Outside there is 0.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = 0
    for j in range(k):
        alone = alone + depthwise[:, :, j] * x.roll(k // 2 - j, -1)
    return pointwise @ alone


# %% mistake="separable-relu-between" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: There is a relu between the two steps. Here is nothing between them.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return pointwise @ alone.relu()


# %% mistake="separable-relu-behind" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: There is a relu behind the mixing. It belongs to the layer around, not to this function.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return (pointwise @ alone).relu()


# %% mistake="separable-pointwise-transposed" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: `pointwise` is used the wrong way round: its rows are the channels out.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return pointwise.T.reshape(pointwise.shape) @ alone


# %% mistake="separable-one-kernel" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: All channels get the first kernel. Each channel has its own, `depthwise[c]`.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(
        x, depthwise[:1].expand(c_in, 1, k), padding=k // 2, groups=c_in
    )
    return pointwise @ alone


# %% mistake="separable-mean-kernel" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: All channels get the mean of the kernels. Each channel has its own, `depthwise[c]`.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(
        x,
        depthwise.mean(0, keepdim=True).expand(c_in, 1, k),
        padding=k // 2,
        groups=c_in,
    )
    return pointwise @ alone


# %% mistake="separable-summed-before" of="separable" fails="separable-channels separable-full separable-errors separable-hidden"
# hint: The first step sums over the channels already. There each channel is convolved by itself: `groups=c_in`.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    full = depthwise[:, 0].expand(c_in, c_in, k)
    alone = F.conv1d(x, full, padding=k // 2)
    return pointwise @ alone


# %% mistake="separable-kernels-reversed" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: The first channel gets the last kernel. Channel c has `depthwise[c]`.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise.flip(0), padding=k // 2, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-mixed-first" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: You mix first, and convolve the channels out. First each channel in is convolved, then they are mixed.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    mixed = pointwise @ x
    c_out = mixed.shape[1]
    kernels = depthwise[[o % c_in for o in range(c_out)]]
    return F.conv1d(mixed, kernels, padding=k // 2, groups=c_out)


# %% mistake="separable-no-pointwise" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: The channels are never mixed: the second step, `pointwise`, is missing.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return alone


# %% mistake="separable-no-depthwise" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: Only the middle tap is used: the first step looks to both sides.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = x * depthwise[:, :, k // 2]
    return pointwise @ alone


# %% mistake="separable-softmaxed" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: The rows of `pointwise` are made to sum to 1. Use them as they are.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return pointwise.softmax(-1) @ alone


# %% mistake="separable-even-not-refused" of="separable" fails="separable-errors"
# hint: An even number of taps is not refused: raise a ValueError.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    n = x.shape[-1]
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)[..., :n]
    return pointwise @ alone


# %% mistake="separable-odd-refused" of="separable" fails="separable-by-hand separable-channels separable-full separable-errors separable-hidden"
# hint: Odd kernels are refused, and even ones are not. Without a middle tap are the even ones.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 1:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return pointwise @ alone


# %% mistake="separable-first-sequence" of="separable" fails="separable-channels separable-full separable-hidden"
# hint: Only the first sequence is convolved and mixed, and the others get its answer.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return (pointwise @ alone)[:1].expand(x.shape[0], -1, -1)


# %% mistake="separable-always-float32" of="separable" fails="separable-full separable-hidden"
# hint: Your answer is float32 whatever comes in. Keep the dtype of x.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    alone = F.conv1d(x, depthwise, padding=k // 2, groups=c_in)
    return (pointwise @ alone).float()


# %% mistake="separable-wide-kernel" of="separable" fails="separable-full separable-hidden"
# hint: A kernel that is wider than the sequence is cut, and its middle moves. Keep the middle tap on the position.
# see: sec-14-separable
def separable_conv(x, depthwise, pointwise):
    c_in, _, k = depthwise.shape
    if k % 2 == 0:
        raise ValueError(f"the depthwise kernel must be odd: got {k}")
    depthwise = depthwise[..., : max(1, 2 * x.shape[-1] - 1)]
    half = depthwise.shape[-1] // 2
    alone = F.conv1d(x, depthwise, padding=half, groups=c_in)
    return pointwise @ alone


# %% right="loops" of="separable"
def separable_conv(x, depthwise, pointwise):
    k = depthwise.shape[-1]
    if k % 2 != 1:
        raise ValueError("no middle tap")
    batch, c_in, n = x.shape
    y = x.new_zeros(batch, pointwise.shape[0], n)
    for t in range(n):
        for j in range(k):
            place = t + j - k // 2
            if place in range(n):
                seen = x[:, :, place] * depthwise[:, 0, j]
                y[:, :, t] += seen @ pointwise.T
    return y


# %% right="windows" of="separable"
def separable_conv(x, depthwise, pointwise):
    half, even = divmod(depthwise.size(-1) - 1, 2)
    if even:
        raise ValueError(f"{depthwise.size(-1)} taps")
    full = torch.einsum("oc,ck->ock", pointwise, depthwise.squeeze(1))
    windows = F.pad(x, [half, half]).unfold(-1, 2 * half + 1, 1)
    return torch.einsum("bcnk,ock->bon", windows, full)


# %% mistake="cgru-update-swapped" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: u and 1 - u have changed places: where `update` is 1 the old state is kept.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return (1 - update) * s + update * candidate


# %% mistake="cgru-reset-after" of="cgru" fails="cgru-neighbours cgru-channels cgru-two-places cgru-hidden"
# hint: The reset gate multiplies the convolution of the state. It multiplies the state, before the convolution.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    kernel, bias = weights["candidate"]
    plain = F.conv1d(s, kernel, None, padding=kernel.shape[-1] // 2)
    candidate = (reset * plain + bias[:, None]).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-reset-after-bias" of="cgru" fails="cgru-gates cgru-neighbours cgru-channels cgru-two-places cgru-hidden"
# hint: The reset gate multiplies the candidate's convolution and its bias. It multiplies the state, before both.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = (reset * convolve("candidate", s)).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-reset-on-candidate" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-two-places cgru-hidden"
# hint: The reset gate multiplies the candidate, behind the tanh. It multiplies the state that the candidate is made from.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = reset * convolve("candidate", s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-no-reset" of="cgru" fails="cgru-reset cgru-neighbours cgru-channels cgru-two-places cgru-hidden"
# hint: The candidate is made from the whole state: the reset gate is never used.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    candidate = convolve("candidate", s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-reset-inverted" of="cgru" fails="cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: The reset gate works the wrong way round: where r is 0 the state is left out.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", (1 - reset) * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-gates-exchanged" of="cgru" fails="cgru-gates cgru-neighbours cgru-channels cgru-hidden"
# hint: `update` and `reset` have changed places.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("reset", s).sigmoid()
    reset = convolve("update", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-candidate-sigmoid" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: The candidate goes through a sigmoid. It may be negative: take the tanh.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).sigmoid()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-gates-tanh" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: The gates go through a tanh and become negative. A gate lies between 0 and 1: take the sigmoid.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).tanh()
    reset = convolve("reset", s).tanh()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-no-squash" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: The candidate goes through nothing: the tanh is missing.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s)
    return update * s + (1 - update) * candidate


# %% mistake="cgru-hard-gates" of="cgru" fails="cgru-gates cgru-reset cgru-channels cgru-two-places cgru-hidden"
# hint: Your gates are cut at 0 and 1 by a straight line. That helps training, but here the gates are the plain sigmoid.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).mul(0.5).add(0.5).clamp(0, 1)
    reset = convolve("reset", s).mul(0.5).add(0.5).clamp(0, 1)
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-old-state-reset" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-hidden"
# hint: The reset gate also multiplies the old state that is kept. It only stands in front of the candidate.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * reset * s + (1 - update) * candidate


# %% mistake="cgru-residual" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-hidden"
# hint: The old state is kept whole, and the candidate added. Keep u of it.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return s + (1 - update) * candidate


# %% mistake="cgru-no-keeping" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-hidden"
# hint: The old state is dropped: u of it stays.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return (1 - update) * candidate


# %% mistake="cgru-no-update" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-hidden"
# hint: The candidate is returned: the update gate is never used.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return candidate


# %% mistake="cgru-update-from-reset" of="cgru" fails="cgru-reset cgru-hidden"
# hint: The update gate is made from r ⊙ s. Both gates see the whole state.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    reset = convolve("reset", s).sigmoid()
    update = convolve("update", reset * s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-causal" of="cgru" fails="cgru-neighbours cgru-two-places cgru-hidden"
# hint: Your convolution looks back alone. The middle tap lies on the place: both neighbours are seen.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        padded = F.pad(state, (kernel.shape[-1] - 1, 0))
        return F.conv1d(padded, kernel, bias)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-flipped" of="cgru" fails="cgru-neighbours cgru-hidden"
# hint: Your kernels are turned round: the first tap takes what stands before the place.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(
            state, kernel.flip(-1), bias, padding=kernel.shape[-1] // 2
        )

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-wraps" of="cgru" fails="cgru-neighbours cgru-hidden"
# hint: Your row of places is a circle: what sticks out at one end comes in again at the other. Outside there is 0.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        half = kernel.shape[-1] // 2
        total = 0
        for j in range(kernel.shape[-1]):
            total = total + kernel[:, :, j] @ state.roll(half - j, -1)
        return total + bias[:, None]

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-no-bias" of="cgru" fails="cgru-gates cgru-neighbours cgru-channels cgru-hidden"
# hint: The biases are never used.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-kernel-transposed" of="cgru" fails="cgru-channels cgru-hidden"
# hint: Channels out and in have changed places: a kernel is (out, in, tap).
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(
            state, kernel.transpose(0, 1), bias, padding=kernel.shape[-1] // 2
        )

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-depthwise" of="cgru" fails="cgru-channels cgru-hidden"
# hint: Each channel is convolved by itself. These are full convolutions: each channel out sums over all in.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        m = state.shape[1]
        own = kernel[range(m), range(m)][:, None]
        half = kernel.shape[-1] // 2
        return F.conv1d(state, own, bias, padding=half, groups=m)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-padding-one" of="cgru" fails="cgru-gates cgru-reset cgru-channels cgru-hidden"
# hint: You pad by 1 whatever the kernel. Pad by (k - 1)/2 on each side.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=1)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-overflow" of="cgru" fails="cgru-neighbours cgru-hidden"
# hint: e to a large number is infinite, and infinite by infinite is NaN. Use `torch.sigmoid`.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).exp()
    update = update / (1 + update)
    reset = convolve("reset", s).exp()
    reset = reset / (1 + reset)
    candidate = convolve("candidate", reset * s).tanh()
    return update * s + (1 - update) * candidate


# %% mistake="cgru-in-place" of="cgru" fails="cgru-neighbours cgru-channels cgru-hidden"
# hint: You write into the state that came in. Return a new one.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return s.mul_(update).add_((1 - update) * candidate)


# %% mistake="cgru-two-steps" of="cgru" fails="cgru-gates cgru-reset cgru-neighbours cgru-channels cgru-two-places cgru-hidden"
# hint: Your function takes two steps. It takes one.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    if "again" not in weights:
        state = update * s + (1 - update) * candidate
        return cgru_step(state, {**weights, "again": True})
    return update * s + (1 - update) * candidate


# %% mistake="cgru-always-float32" of="cgru" fails="cgru-channels cgru-hidden"
# hint: The states become float32 whatever comes in. Keep the dtype of s.
# see: sec-14-neural-gpu
def cgru_step(s, weights):
    def convolve(name, state):
        kernel, bias = weights[name]
        return F.conv1d(state, kernel, bias, padding=kernel.shape[-1] // 2)

    update = convolve("update", s).sigmoid()
    reset = convolve("reset", s).sigmoid()
    candidate = convolve("candidate", reset * s).tanh()
    return (update * s + (1 - update) * candidate).float()


# %% right="loops" of="cgru"
def cgru_step(s, weights):
    n = s.shape[-1]

    def convolve(state, kernel, bias):
        half = kernel.shape[-1] // 2
        places = []
        for i in range(n):
            total = bias
            for j in range(-half, half + 1):
                if 0 <= i + j < n:
                    tap = kernel[:, :, half + j]
                    total = total + state[:, :, i + j] @ tap.T
            places.append(total.expand(s.shape[:2]))
        return torch.stack(places, dim=-1)

    keep = torch.sigmoid(convolve(s, *weights["update"]))
    reset = torch.sigmoid(convolve(s, *weights["reset"]))
    new = torch.tanh(convolve(s * reset, *weights["candidate"]))
    return new + keep * (s - new)


# %% right="windows" of="cgru"
def cgru_step(s, weights):
    def see(state):
        k = weights["update"][0].size(-1)
        return F.pad(state, [k // 2, k // 2]).unfold(-1, k, 1)

    names = ("update", "reset")
    kernels = torch.cat([weights[name][0] for name in names])
    biases = torch.cat([weights[name][1] for name in names])
    gates = torch.einsum("bcnk,ock->bon", see(s), kernels) + biases[:, None]
    u, r = torch.sigmoid(gates).chunk(2, dim=1)
    kernel, bias = weights["candidate"]
    new = torch.einsum("bcnk,ock->bon", see(r * s), kernel) + bias[:, None]
    return torch.lerp(new.tanh(), s, u)


# %% mistake="gate-not-renormalised" of="gate" fails="gate-by-hand gate-rows gate-ties gate-errors gate-hidden"
# hint: Your softmax runs over all logits, and the k weights don't sum to 1. Take it over the k largest.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    shares = logits.softmax(-1).nan_to_num(0.0)
    return shares.scatter(-1, order[..., k:], 0.0)


# %% mistake="gate-all" of="gate" fails="gate-by-hand gate-rows gate-ties gate-errors gate-hidden"
# hint: All experts get a weight: k is never used.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    return logits.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-smallest" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-errors gate-hidden"
# hint: You keep the k smallest. The k largest stay.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=False, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-order-kept" of="gate" fails="gate-by-hand gate-rows gate-off gate-large gate-errors gate-hidden"
# hint: Your weights stand in the order of their size. Put each back where its logit stands.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    falling = logits.gather(-1, order)
    falling[..., k:] = -math.inf
    return falling.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-only-k" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-errors gate-hidden"
# hint: You return the k weights alone. The answer has the shape of the logits, with 0 elsewhere.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    best = logits.topk(min(k, logits.shape[-1])).values
    return best.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-zero-logits" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-errors gate-hidden"
# hint: What is left out gets a logit of 0, and so a weight. Set it to -inf.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], 0.0)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-zero-means-out" of="gate" fails="gate-by-hand gate-ties gate-off gate-hidden"
# hint: You take a logit of 0 for one that is left out. 0 is a logit like any other.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], 0.0)
    kept = kept.masked_fill(kept == 0, -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-ties-all-stay" of="gate" fails="gate-ties gate-errors gate-hidden"
# hint: All logits that equal the k-th stay. Exactly k stay, of equal ones those with smaller indices.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    n = logits.shape[-1]
    least = logits.topk(min(k, n)).values[..., -1:]
    kept = logits.masked_fill(logits < least, -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-ties-last" of="gate" fails="gate-ties gate-errors gate-hidden"
# hint: Of equal logits those with larger indices stay, as if you sort from small to large and take the last k. Those with smaller ones come first.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    flipped = logits.flip(-1)
    order = flipped.argsort(dim=-1, descending=True, stable=True)
    kept = flipped.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0).flip(-1)


# %% mistake="gate-greater-than-kth" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-errors gate-hidden"
# hint: The k-th itself is left out: you keep what is larger than it.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    n = logits.shape[-1]
    least = logits.topk(min(k, n)).values[..., -1:]
    kept = logits.masked_fill(logits <= least, -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-one-more" of="gate" fails="gate-by-hand gate-rows gate-ties gate-errors gate-hidden"
# hint: One expert too many stays.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k + 1 :], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-one-less" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-errors gate-hidden"
# hint: One expert too few stays.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k - 1 :], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-first-axis" of="gate" fails="gate-rows gate-ties gate-off gate-hidden"
# hint: You choose and share along the first axis. Each row, along the last axis, has its own experts.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=0, descending=True, stable=True)
    kept = logits.scatter(0, order[k:], -math.inf)
    return kept.softmax(0).nan_to_num(0.0)


# %% mistake="gate-whole-tensor" of="gate" fails="gate-rows gate-ties gate-off gate-hidden"
# hint: You keep k of all the numbers together. Each row keeps k of its own.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    flat = logits.flatten()
    order = flat.argsort(descending=True, stable=True)
    kept = flat.scatter(-1, order[k:], -math.inf).view(logits.shape)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-first-row" of="gate" fails="gate-rows gate-off gate-hidden"
# hint: All rows keep the experts that the first row chose. Each row has its own.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    order = order.reshape(-1, logits.shape[-1])[:1].expand(
        logits.numel() // logits.shape[-1], -1
    )
    order = order.reshape(logits.shape)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-many-refused" of="gate" fails="gate-by-hand gate-hidden"
# hint: k > n is refused, or fails. Then all experts stay.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    best = logits.topk(k, sorted=True)
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., best.values.shape[-1] :], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-nan-row" of="gate" fails="gate-off gate-hidden"
# hint: A row of nothing but -inf gives NaN: 0 by 0. All its weights are 0.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1)


# %% mistake="gate-uniform-row" of="gate" fails="gate-off gate-hidden"
# hint: A row of nothing but -inf is shared evenly. All its weights are 0.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], torch.finfo(logits.dtype).min)
    kept = kept.clamp(min=torch.finfo(logits.dtype).min)
    return kept.softmax(-1)


# %% mistake="gate-overflow" of="gate" fails="gate-rows gate-large gate-hidden"
# hint: e to a large number is infinite, and the weights are NaN. Take the largest logit away first, or use `softmax`.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    parts = kept.exp()
    total = parts.sum(-1, keepdim=True)
    return torch.where(parts == 0, parts, parts / total)


# %% mistake="gate-tiny-added" of="gate" fails="gate-rows gate-large gate-hidden"
# hint: What is added to the sum, so that it isn't 0, is not small beside the sum. Take the largest logit away before you take e to it.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    parts = kept.clamp(max=80).exp()
    return parts / (parts.sum(-1, keepdim=True) + 1e-9)


# %% mistake="gate-divided-by-sum" of="gate" fails="gate-by-hand gate-rows gate-ties gate-off gate-large gate-hidden"
# hint: The logits are divided by their sum. That is no softmax: take e to them first.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    kept = kept.masked_fill(kept.isinf(), 0.0)
    total = kept.sum(-1, keepdim=True)
    return torch.where(kept == 0, kept, kept / total)


# %% mistake="gate-even-shares" of="gate" fails="gate-by-hand gate-rows gate-large gate-hidden"
# hint: The k experts share evenly. Their weights are the softmax of their logits.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    open_ = kept > -math.inf
    return open_.to(kept.dtype) / open_.sum(-1, keepdim=True).clamp(min=1)


# %% mistake="gate-almost-zero" of="gate" fails="gate-by-hand gate-rows gate-ties gate-errors gate-hidden"
# hint: What is left out gets a small weight, not 0: you lower its logit by a few units. Set it to -inf.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    low = logits.min(-1, keepdim=True).values - 4.0
    kept = logits.scatter(-1, order[..., k:], 0.0)
    gone = torch.zeros_like(logits).scatter(-1, order[..., k:], 1.0)
    kept = torch.where(gone == 1, low, kept)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-in-place" of="gate" fails="gate-by-hand gate-hidden"
# hint: You write into the logits that came in. Work on a copy: `scatter` without the underscore.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter_(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-no-errors" of="gate" fails="gate-errors"
# hint: k < 1 is not refused: raise a ValueError.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        return torch.zeros_like(logits)
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-zero-allowed" of="gate" fails="gate-errors"
# hint: k = 0 is not refused: then no expert is left.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 0:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0)


# %% mistake="gate-always-float32" of="gate" fails="gate-large gate-hidden"
# hint: The weights are float32 whatever comes in. Keep the dtype of the logits.
# see: sec-14-experts
def top_k_gate(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    kept = logits.scatter(-1, order[..., k:], -math.inf)
    return kept.softmax(-1).nan_to_num(0.0).float()


# %% right="loops" of="gate"
def top_k_gate(logits, k):
    if k <= 0:
        raise ValueError("a gate with no expert")
    n = logits.shape[-1]
    gates = torch.zeros_like(logits)
    for gate, row in zip(
        gates.view(-1, n), logits.reshape(-1, n).tolist(), strict=True
    ):
        best = sorted(range(n), key=lambda i, row=row: (-row[i], i))[:k]
        best = [i for i in best if row[i] > -math.inf]
        parts = [math.exp(row[i] - row[best[0]]) for i in best]
        for i, part in zip(best, parts, strict=True):
            gate[i] = part / sum(parts)
    return gates


# %% right="windows" of="gate"
def top_k_gate(logits, k):
    if not k >= 1:
        raise ValueError(f"{k=}")
    mine, other = logits[..., :, None], logits[..., None, :]
    index = torch.arange(logits.size(-1))
    before = (other > mine) | ((other == mine) & (index < index[:, None]))
    stays = (before.sum(-1) < k) & (logits > -math.inf)
    top = torch.where(stays, logits, torch.finfo(logits.dtype).min)
    top = top.max(dim=-1, keepdim=True).values
    parts = torch.where(stays, (logits - top).exp(), 0.0)
    total = parts.sum(dim=-1, keepdim=True)
    return parts / torch.where(total == 0, 1.0, total)


# %% [markdown] answer="short" of="carry" points=1
# Because in a random column the carry is only handed on in half of the cases, so it
# dies out after a few columns, and carries over 20 or more columns don't come up.


# %% [markdown] answer="complete" of="carry" points=3
# 1/4 make a carry, 1/4 kill it, 1/2 pass it on, so a run of L has a chance of about
# 2^-L and among 100 columns the longest is about log2(25), 5 columns. A model that only
# looks 15 or 20 columns back would get the 1,000 sums right too. I would take a = 1 and
# b = 111...1 with runs of each length, and the same sums with one 0 in b, where the
# carry stops, and with a = 0, where there is none; a model that always carries on to
# the end gets those wrong.


# %% [markdown] answer="no-twin" of="carry" points=2
# A carry comes with 1/4 and goes on with 1/2, so after 6 columns it is nearly always
# gone, and a network with a short memory gets all random sums right. I would test
# 1 + 111...1 with 100 ones.


# %% [markdown] answer="more-sums" of="carry" points=0
# 1,000 sums are too few. With a million random sums we could be sure.


# %% [markdown] answer="training-data" of="carry" points=0
# The test sums could have been in the training data, so it may know them by heart.
