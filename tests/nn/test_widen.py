import pytest
import torch
import widen

from doclayout.nn.model import LayoutModel
from tests.conftest import lively_model


@torch.no_grad()
def test_a_wider_network_computes_the_same():
    torch.manual_seed(0)
    narrow, wide = lively_model("edocnet-s.yaml").eval(), LayoutModel("edocnet-m.yaml").eval()
    widen.widen(narrow, wide)
    assert sum(p.numel() for p in wide.parameters()) > 2 * sum(p.numel() for p in narrow.parameters())
    page = torch.rand(1, 3, 128, 96)
    old, new = narrow(page)[1], wide(page)[1]
    for branch in ("one2many", "one2one"):
        for key in ("boxes", "scores"):
            torch.testing.assert_close(new[branch][key], old[branch][key], atol=2e-3, rtol=2e-3)


@torch.no_grad()
def test_copies_differ_in_what_reads_them():
    narrow, wide = lively_model("edocnet-s.yaml"), LayoutModel("edocnet-m.yaml")
    widen.widen(narrow, wide)
    weight = wide.model[3].pointwise.conv.weight  # 64 channels read by 64 have become 96 read by 96
    assert torch.allclose(
        weight[:, :32] + weight[:, 64:], narrow.model[3].pointwise.conv.weight[:, :32].repeat(2, 1, 1, 1)[:96]
    )
    assert not torch.allclose(weight[:, :32], weight[:, 64:], rtol=0.01)


def test_more_layers_are_refused():
    with pytest.raises(SystemExit, match="as many layers"):
        widen.widen(lively_model("edocnet-s.yaml"), LayoutModel("edocnet-l.yaml"))
