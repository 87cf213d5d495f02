"""The shapes are those of the models they are named after."""

from benchmarks.workloads import FULL, QUICK, growing

SIZES = {each.name: (len(each.shapes), each.parameters) for each in FULL}


def test_the_models_have_as_many_parameters_as_published() -> None:
    # torchvision's resnet34, and OpenAI's smallest GPT-2 with its tied output.
    assert SIZES["ResNet-34"] == (110, 21_797_672)
    assert SIZES["GPT-2 small"] == (148, 124_439_808)


def test_the_others_are_what_their_names_say() -> None:
    assert SIZES["600 × 32²"] == (600, 600 * 32**2)
    assert SIZES["2 × 4096²"] == (2, 2 * 4096**2)
    assert SIZES["one vector of 10⁷"] == (1, 10**7)
    assert [each.parameters for each in growing(range(3, 9))] == [10**k for k in range(3, 9)]
    assert growing(range(3, 9))[0].name == "10³"


def test_the_quick_run_is_the_same_but_small() -> None:
    assert [each.name for each in QUICK] == [each.name for each in FULL]
    assert all(each.parameters < 10_000 for each in QUICK)
