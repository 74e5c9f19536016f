"""Our attention against torch's own, and against a case worked by hand."""

import torch

from mmdemo.fusion.attention_layers import MultiHeadAttention


def test_equals_torch_multi_head_attention_with_its_weights():
    torch.manual_seed(0)
    ours, theirs = MultiHeadAttention(16, 4), torch.nn.MultiheadAttention(16, 4, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]))
        theirs.out_proj.load_state_dict(ours.out.state_dict())
    q, k = torch.randn(3, 5, 16), torch.randn(3, 7, 16)
    mask = torch.arange(7)[None, :] < torch.tensor([7, 3, 1])[:, None]
    gathered, weights = ours(q, k, mask)
    expected, expected_weights = theirs(q, k, k, key_padding_mask=~mask, average_attn_weights=False)
    assert torch.allclose(gathered, expected, atol=1e-6)
    assert torch.allclose(weights, expected_weights, atol=1e-6)


def test_two_keys_by_hand():
    """Identity projections, one head of width 1: scores 1*0 and 1*ln 3, so the weights are 1/4 and 3/4."""
    layer = MultiHeadAttention(1, 1)
    with torch.no_grad():
        for linear in (layer.query, layer.key, layer.value, layer.out):
            linear.weight.fill_(1.0)
            linear.bias.zero_()
    keys = torch.tensor([[[1.0], [3.0]]]).log()  # 0 and ln 3
    gathered, weights = layer(torch.ones(1, 1, 1), keys, torch.ones(1, 2, dtype=torch.bool))
    assert torch.allclose(weights[0, 0, 0], torch.tensor([0.25, 0.75]))
    assert torch.allclose(gathered[0, 0, 0], 0.75 * torch.log(torch.tensor(3.0)))
