import pytest
import torch
from torch import nn
from ultralytics.nn.modules import C2f

from doclayout.nn.crm import CIB, CRM, G2L_CRM, CRMBottleneck
from doclayout.nn.model import gflops


def settled(module):
    """Give normalisations statistics and weights that are not those of a new network."""
    torch.manual_seed(1)
    for m in module.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.2)
            m.running_mean.normal_(0, 0.2)
            m.running_var.uniform_(0.5, 2)
    return module.eval()


def fuse_all(module):
    for m in list(module.modules()):
        if isinstance(m, CRM):
            m.fuse()


@pytest.mark.parametrize(("k", "dilations"), [(3, (1, 2, 3)), (3, (1, 3, 5)), (5, (1, 2, 3)), (3, (2,))])
def test_crm_keeps_its_shape(k, dilations):
    assert CRM(8, k, dilations)(torch.zeros(2, 8, 9, 7)).shape == (2, 8, 9, 7)


def test_kernel_is_shared_by_the_dilations():
    few, many = (sum(p.numel() for p in CRM(8, 3, d).parameters() if p.shape[2:] == (3, 3)) for d in ((1,), (1, 2, 3)))
    assert few == many == 8 * 8 * 9


@pytest.mark.parametrize("branch", range(3))
def test_branches_mix_each_reaches_all_channels(branch):
    crm = settled(CRM(4, 3, (1, 2, 3)))
    x = torch.randn(1, 4, 12, 12)
    before = crm(x)
    with torch.no_grad():
        crm.norms[branch].bias += 1
    assert ((crm(x) - before).abs().amax((0, 2, 3)) > 1e-4).all()


def test_dilations_reach_as_far_as_they_say():
    for d in (1, 2, 5):
        crm = settled(CRM(2, 3, (d,)))
        with torch.no_grad():
            crm.gate.weight.zero_()
        x = torch.zeros(1, 2, 15, 15, requires_grad=True)
        crm(x)[0, :, 7, 7].sum().backward()
        rows = x.grad.abs().sum((0, 1)).nonzero()
        assert (rows.min().item(), rows.max().item()) == (7 - d, 7 + d)


@pytest.mark.parametrize(("bias", "share"), [(-30.0, 0.0), (0.0, 0.5), (30.0, 1.0)])
def test_gate_closes_and_opens_fully(bias, share):
    crm = settled(CRM(4, 3, (1, 2)))
    x = torch.randn(1, 4, 8, 8)
    with torch.no_grad():
        crm.project.bn.bias.zero_()
        crm.project.bn.running_mean.zero_()
        crm.gate.weight.zero_()
        crm.gate.bias.fill_(100.0)
        full = crm(x) - x
        crm.gate.bias.fill_(bias)
        torch.testing.assert_close(crm(x) - x, share * full, atol=1e-5, rtol=1e-4)


def test_each_dilation_has_statistics_of_its_own():
    torch.manual_seed(0)
    crm = CRM(4, 3, (1, 5)).train()
    for norm in crm.norms:
        norm.momentum = 1.0
    x = torch.randn(8, 4, 20, 20)
    x = nn.functional.avg_pool2d(x, 5, 1, 2)  # neighbours alike, distant points not
    crm(x)
    near, far = (norm.running_var for norm in crm.norms)
    assert not torch.allclose(near, far, rtol=0.05)


@pytest.mark.parametrize(
    "block", [CRM(8, 3, (1, 2, 3)), CRM(8, 5, (1, 3)), G2L_CRM(12, 16, 2)], ids=["k3", "k5", "g2l"]
)
def test_fused_equals_unfused(block):
    block = settled(block)
    x = torch.randn(2, 12 if isinstance(block, G2L_CRM) else 8, 16, 16)
    with torch.no_grad():
        expected = block(x)
        fuse_all(block)
        fuse_all(block)  # a second time changes nothing
        torch.testing.assert_close(block(x), expected, atol=1e-4, rtol=1e-4)
    left = [m for m in block.modules() if isinstance(m, CRM)]
    assert all(not hasattr(m, "norms") and len(m.branches) == len(m.dilations) for m in left)


def test_gradients_reach_every_parameter():
    block = G2L_CRM(12, 16, 2)
    block(torch.randn(2, 12, 8, 8)).square().sum().backward()
    assert [name for name, p in block.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


@pytest.mark.parametrize("channels", [10, 16])  # 10 takes the float32 way round oneDNN's bfloat16 gradient
def test_bfloat16_gradients_are_finite_and_near(channels):
    torch.manual_seed(0)
    crm = CRM(channels, 3, (1, 2, 3))
    x = torch.randn(2, channels, 16, 16)
    crm(x).square().mean().backward()
    exact = crm.weight.grad.clone()
    crm.weight.grad = None
    with torch.autocast("cpu", torch.bfloat16):
        out = crm(x)
    out.float().square().mean().backward()
    assert (crm.weight.grad - exact).norm() / exact.norm() < 0.1


@pytest.mark.parametrize(
    ("n", "dilations", "kind"), [(1, (1, 2, 3), CRMBottleneck), (2, (1, 3), CRMBottleneck), (2, (), CIB)]
)
def test_g2l_against_c2f_of_equal_width(n, dilations, kind):
    ours, theirs = G2L_CRM(24, 32, n, 3, dilations), C2f(24, 32, n)
    x = torch.zeros(1, 24, 10, 10)
    assert ours(x).shape == theirs(x).shape == (1, 32, 10, 10)
    assert [type(block) for block in ours.blocks] == [kind] * n
    assert ours.split.conv.weight.shape == theirs.cv1.conv.weight.shape
    assert ours.merge.conv.weight.shape == theirs.cv2.conv.weight.shape
    extra = sum(p.numel() for p in ours.parameters()) - sum(p.numel() for p in theirs.parameters())
    c, d = 16, len(dilations)
    if dilations:  # the two 3x3 convolutions are C2f's own; a CRM comes between them
        assert extra == n * ((9 * c * c + 2 * c * d) + (c * c + c) + (c * c * d + c * d) + (c * c * d + 2 * c))
    else:
        inverted = 2 * (9 * c + 2 * c) + (9 * 2 * c + 4 * c) + (2 * c * c + 4 * c) + (2 * c * c + 2 * c)
        assert extra == n * (inverted - 2 * (9 * c * c + 2 * c))


def test_functional_convolutions_are_counted():
    class AtAnySize(nn.Module):
        def __init__(self):
            super().__init__()
            self.crm = CRM(3, 3, (1, 2))

        def forward(self, x):
            return self.crm(x)

    points = 32 * 32
    shared, point, gate, project = 2 * 9 * 3 * 3, 2 * 3 * 3, 3 * 6, 6 * 3
    assert gflops(AtAnySize(), 32) * 1e9 == 2 * points * (shared + point + gate + project)
