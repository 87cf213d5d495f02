"""What an imported name stands for."""

from __future__ import annotations

PACKAGE = {
    "pk/__init__.py": """
        from pk.deep import *
        from .deep.core import Base as Foundation
        from . import tools
    """,
    "pk/deep/__init__.py": """
        from .core import Base, _hidden
        from pk.tools import helper as assist
    """,
    "pk/deep/core.py": '''
        class Base:
            """## Base"""
            def run(self):
                """### Run"""
        def _hidden(): ...
    ''',
    "pk/tools.py": "def helper(): ...",
}


def test_imported_names_lead_to_the_definition_through_reexports_stars_and_aliases(sources):
    use = """
        import pk
        import pk.tools
        import pk.deep.core as dc
        from pk import Base, Foundation as F, assist, tools as t
        from pk.deep import _hidden
        class Mine(Base): ...
        F, assist, t.helper, pk.tools.helper, dc.Base.run, pk.Foundation, _hidden
    """
    assert sources({**PACKAGE, "use.py": use}).links("use") == [
        "1: pk -> pk",
        "2: pk -> pk",
        "2: tools -> pk.tools",
        "3: pk -> pk",
        "3: deep -> pk.deep",
        "3: core -> pk.deep.core",
        "4: pk -> pk",
        "4: Base -> pk.deep.core.Base",
        "4: Foundation -> pk.deep.core.Base",
        "4: assist -> pk.tools.helper",
        "4: tools -> pk.tools",
        "5: pk -> pk",
        "5: deep -> pk.deep",
        "5: _hidden -> pk.deep.core._hidden",
        "6: Base -> pk.deep.core.Base",
        "7: F -> pk.deep.core.Base",
        "7: assist -> pk.tools.helper",
        "7: t -> pk.tools",
        "7: helper -> pk.tools.helper",
        "7: pk -> pk",
        "7: tools -> pk.tools",
        "7: helper -> pk.tools.helper",
        "7: dc -> pk.deep.core",
        "7: Base -> pk.deep.core.Base",
        "7: run -> pk.deep.core.Base.run",
        "7: pk -> pk",
        "7: Foundation -> pk.deep.core.Base",
        "7: _hidden -> pk.deep.core._hidden",
    ]


def test_a_star_import_brings_public_names_and_makes_earlier_ones_uncertain(sources):
    files = {
        **PACKAGE,
        "star.py": "from pk.deep.core import *\nBase, _hidden",
        "late.py": "def Base(): ...\ndef other(): ...\nfrom pk.deep.core import *\nBase, other",
        "dark.py": "def f(): ...\nfrom nowhere import *\nfrom pk.deep.core import *\nf, Base",
    }
    code = sources(files)
    assert code.links("star")[3:] == ["2: Base -> pk.deep.core.Base"]
    assert code.target("late", "4: [[Base]],") is None
    assert code.target("late", "4: Base, [[other]]") == "late.other"
    assert code.target("dark", "4: [[f]],") is None
    assert code.target("dark", "4: f, [[Base]]") is None


def test_relative_imports_are_resolved_in_packages_and_modules(sources):
    code = sources(
        {**PACKAGE, "pk/deep/user.py": "from ..tools import helper\nfrom .core import Base"}
    )
    assert code.links("pk.deep.user") == [
        "1: tools -> pk.tools",
        "1: helper -> pk.tools.helper",
        "2: core -> pk.deep.core",
        "2: Base -> pk.deep.core.Base",
    ]


def test_modules_that_import_each_other_in_a_circle_do_no_harm(sources):
    code = sources({
        "pk/__init__.py": "",
        "pk/a.py": "from pk.b import f, ghost\n\ndef g(): f(ghost)",
        "pk/b.py": "from pk.a import ghost\nfrom pk.a import *\ndef f(): g()",
    })  # fmt: skip
    assert code.target("pk.a", "3: def g(): [[f]]") == "pk.b.f"
    assert code.target("pk.b", "3: def f(): [[g]]") == "pk.a.g"
    assert code.target("pk.a", "3: f([[ghost]])") is None


def test_a_submodule_and_a_function_of_the_same_name_are_not_mixed_up(sources):
    code = sources({
        "pk/__init__.py": "from pk.adam import adam",
        "pk/adam.py": "def adam(): ...\ndef other(): ...",
        "use.py": "from pk import adam\nfrom pk.adam import other\nadam",
    })  # fmt: skip
    assert code.target("use", "1: from pk import [[adam]]") is None
    assert code.target("use", "2: from pk.[[adam]]") == "pk.adam"
    assert code.target("use", "2: import [[other]]") == "pk.adam.other"
    assert code.target("use", "3: [[adam]]") is None


def test_an_import_inside_a_function_is_followed_too(sources):
    use = "def f():\n    from pk.tools import helper\n    return helper()\ndef g(): return helper"
    assert sources({**PACKAGE, "use.py": use}).links("use")[3:] == ["3: helper -> pk.tools.helper"]


def test_names_of_modules_without_a_page_are_followed_but_not_linked(sources, tmp_path):
    (tmp_path / "pk").mkdir()
    (tmp_path / "pk" / "__init__.py").write_text("from pk.a import f\ndef g(): ...\n")
    code = sources({"pk/a.py": "def f(): ...", "pk/b.py": "from pk import f, g\nf, g"})
    assert code.links("pk.b") == ["1: f -> pk.a.f", "2: f -> pk.a.f"]


def test_an_import_with_an_alternative_has_no_link_unless_both_are_the_same(sources):
    use = """
        if True:
            from pk.tools import helper
            from pk.deep import Base
        else:
            from pk.deep.core import Base as helper
            from pk.deep import Base
        helper, Base
    """
    code = sources({**PACKAGE, "use.py": use})
    assert code.target("use", "7: [[helper]]") is None
    assert code.target("use", "7: [[Base]]") == "pk.deep.core.Base"
