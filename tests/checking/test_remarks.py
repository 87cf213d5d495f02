"""Sources of others: LaTeX in sentences, with a notation file beside them that has remarks."""

import sys
from pathlib import Path

import pytest

from sidebyside.checking.check import check_package
from sidebyside.checking.package import Package
from sidebyside.claims.claims import read_claims
from sidebyside.report import Report
from sidebyside.settings import read_settings
from sidebyside.source.sections import SourceError, parse_source

# The docstrings of others are not always raw; ours, which quote them, would not compile silently.
pytestmark = pytest.mark.filterwarnings("ignore:.*invalid escape sequence")

SOURCE = r'''
"""
Page

$$\Delta t = \alpha g_t$$
"""


class Descent:
    def __init__(self, params, lr=0.1, flip=False, rho=0.5):
        self.param, self.lr, self.flip, self.rho = params[0], lr, flip, rho

    def step_param(self, state, grad, param):
        # Step size $\alpha \rho$.
        size = self.lr * self.rho
        # Get $\alpha$ and $\alpha + 1$ for later
        later = size
        # An earlier gradient, $2 g_{t-k}$
        earlier = 2 * grad
        if self.flip:
            # The gradient $-g_t$
            change = grad
        else:
            # $$g_t$$
            change = grad
        # Clipped, $\operatorname{clip}(g_t, \rho)$
        cut = max(min(grad, self.rho), -self.rho)

        param[0] -= self.lr * change

    def rate(self):
        """
        $$\alpha / 2$$
        """
        return self.lr / 2
'''

CONFIGURATIONS = """
from descent import Descent

def configurations():
    yield Descent, {}
    yield Descent, {"flip": True}

def run(cls, arguments, count):
    param = [3.0]
    descent = cls([param], **arguments)
    for step in range(1, 5):
        count(param)
        descent.rate()
        descent.step_param({}, 0.3 * step, param)
"""

NOTATION = r"""
# Notation

## descent.py

* $α$ is `self.lr`
* $ρ$ is `self.rho`
* $gₜ$ is `grad`
* $Δ$ is `entry["param"][0] - param[0]`

### Descent

* $α$ is `self.lr`
"""


def check(folder: Path, remarks: str = "") -> Report:
    settings = folder / "settings.toml"
    settings.write_text(
        '[tool.sidebyside.check]\nsources = ["descent.py"]\nconfigurations = "run.py"\n'
        'notation = "notation.md"\nstrict = false\nmemory = ["state", "param"]\n',
        encoding="utf-8",
    )
    (folder / "descent.py").write_text(SOURCE, encoding="utf-8")
    (folder / "run.py").write_text(CONFIGURATIONS, encoding="utf-8")
    notation = NOTATION.replace("### Descent", f"{remarks}\n\n### Descent")
    (folder / "notation.md").write_text(notation, encoding="utf-8")
    return check_package(read_settings(settings))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delitem(sys.modules, "descent", raising=False)
    return tmp_path


def verdicts(report: Report) -> dict[str, str]:
    [entries] = report.entries.values()
    return {entry.text: f"{entry.status}: {entry.detail}" for entry in entries}


def test_a_formula_that_ends_a_comment_is_compared_with_the_code(folder: Path) -> None:
    found = verdicts(check(folder))
    assert found[r"\alpha \rho"].startswith("tried: agrees with line")
    assert found["-g_t"].startswith("failed: disagrees with line")


def test_a_formula_inside_a_sentence_claims_nothing(folder: Path) -> None:
    assert verdicts(check(folder))[r"\alpha + 1"].startswith("mention")


def test_a_formula_in_a_docstring_without_a_relation_is_what_is_returned(folder: Path) -> None:
    assert verdicts(check(folder))[r"\alpha / 2"].startswith("tried: agrees with what")


def test_clip_with_one_bound_clips_on_both_sides(folder: Path) -> None:
    assert verdicts(check(folder))[r"\operatorname{clip}(g_t, \rho)"].startswith("tried")


def test_a_letter_with_an_argument_is_the_symbol_that_the_notation_explains(folder: Path) -> None:
    found = verdicts(check(folder, "* line 5 holds when `not self.flip`"))
    assert found[r"\Delta t = \alpha g_t"].startswith("tried: agrees with what descent.py")


def test_a_remark_may_restrict_a_formula_to_some_configurations(folder: Path) -> None:
    [entries] = check(folder, "* line 5 holds when `self.flip`").entries.values()
    [entry] = [each for each in entries if each.line == 5]
    assert (entry.status, entry.runs) == ("tried", 1)


def test_two_conditions_must_both_be_true(folder: Path) -> None:
    found = verdicts(check(folder, "* line 5 holds when `self.flip, not self.flip`"))
    assert (
        "`self.flip, not self.flip` is true in no configuration" in found[r"\Delta t = \alpha g_t"]
    )


def test_a_step_that_cannot_be_told_is_not_taken_for_this_one(folder: Path) -> None:
    found = verdicts(check(folder))["2 g_{t-k}"]
    assert found.startswith("failed: cannot be compared")
    assert "which step that is cannot be told" in found


def test_a_remark_may_excuse_a_formula_with_a_reason(folder: Path) -> None:
    found = verdicts(check(folder, "* lines 5–6 are not checked: too hard for us"))
    assert found[r"\Delta t = \alpha g_t"] == "not checked: too hard for us"


def test_a_remark_that_cannot_be_read_is_an_error_with_its_line(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"notation\.md:\d+: a remark says `line 7 holds when"):
        check(folder, "* line 5 is hard")


def test_code_of_others_needs_no_formulas(folder: Path) -> None:
    assert not check(folder).gaps


def test_in_sources_written_for_it_a_sentence_claims_nothing() -> None:
    module = parse_source(Path("own.py"), "# Step size $α·ρ$.\nsize = lr * rho\n")
    assert [claim.kind for claim in read_claims(module)] == ["mention"]


def test_reading_others_leaves_their_claims_where_they_are(folder: Path) -> None:
    check(folder)
    package = Package(read_settings(folder / "settings.toml"))
    assert {claim.path for claim in package.claims} == {"descent.py"}
