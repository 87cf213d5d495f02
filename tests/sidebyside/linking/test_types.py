"""What is known of the values of variables and parameters."""

from __future__ import annotations

import pytest

from sidebyside.source.sections import SourceError


def test_attributes_of_annotated_parameters_and_variables_are_linked(sources):
    code = sources("""
        from __future__ import annotations
        from typing import Annotated, Any, Literal, Optional, Union
        class T:
            other: T
            def m(self) -> T: ...
            def pair(self) -> tuple[T, int]: ...
            async def later(self) -> T: ...
        def f(a: T, b: T | None, c: Optional[T], d: "T", e: Annotated[T, "T"], *rest: T):
            a.m, b.m, c.m, d.m, e.m, a.other.m().m
            rest.m, a.later().m
        def g(a: T | int, b: Union[T, str], c: list[T], d: Any, e: Literal["T"], k: type[T]):
            a.m, b.m, c.m, d.m, e.m, k.m, k().m
        def h():
            x = T()
            y: T = unknown()
            z, n = x.pair()
            x.m, y.m, z.m, n.m
    """)
    expected = {9: 6 + 1, 10: 1, 12: 2, 17: 3}
    for line, count in expected.items():
        methods = [k for k in code.links() if k.startswith(f"{line}:") and "T." in k]
        assert len(methods) - (line == 9) == count, methods


def test_a_variable_has_a_type_only_if_all_its_assignments_agree(sources):
    code = sources("""
        class T:
            def m(self) -> "T": ...
            def n(self): ...
        def agree(x: T):
            x = x.m()
            if x: x = T()
            x.m()
        def disagree(x: T):
            x = x.n()
            x.m()
        def loop(x: T):
            for x in []: ...
            x.m()
        def circle():
            a = T()
            while a:
                b = a.m()
                a = b
            b.n()
        def unknown():
            a = b
            b = a
            a.m()
    """)
    found = [k for k in code.links() if "T." in k]
    assert found == [
        "5: m -> m.T.m",
        "7: m -> m.T.m",
        "17: m -> m.T.m",
        "19: n -> m.T.n",
    ]


def test_operators_give_what_the_methods_of_their_left_side_say(sources):
    code = sources("""
        class A:
            def __add__(self, other) -> "A": ...
            def __radd__(self, other) -> "B": ...
            def __getitem__(self, i) -> "B": ...
            def f(self): ...
        class B:
            def f(self): ...
        def g(a: A, unknown):
            (a + 1).f(), (1 + a).f(), a[0].f(), (unknown + a).f(), (a - 1).f()
        def h(a: A):
            a += 1
            a.f()
    """)
    assert [link for link in code.links() if ": f " in link] == [
        "9: f -> m.A.f",
        "9: f -> m.B.f",
        "9: f -> m.B.f",
    ]


def test_what_a_decorated_function_returns_is_unknown_unless_the_decorator_is_harmless(sources):
    code = sources("""
        import functools, somewhere
        class T:
            def m(self): ...
            @staticmethod
            def make() -> "T": ...
        @functools.cache
        def cached() -> T: ...
        @somewhere.wrapped
        def wrapped() -> T: ...
        T.make().m(), cached().m(), wrapped().m()
    """)
    assert [link for link in code.links() if ": m " in link] == ["10: m -> m.T.m"] * 2


def test_the_first_parameter_of_a_static_method_is_a_parameter_like_others(sources):
    code = sources("""
        class A:
            def f(self): ...
            @staticmethod
            def g(self): self.f()
            @classmethod
            def h(cls): cls.f()
            def i(this): this.f()
            def j(self, other): other.f()
    """)
    assert code.links() == ["6: f -> m.A.f", "7: f -> m.A.f"]


def test_annotations_in_quotes_are_linked_at_their_place(sources):
    code = sources("""
        class Tensör: ...
        def f(α: "Tensör", β: "list['Tensör'] | None") -> 'dict[str, Tensör]': ...
        x: "Tensör"
        s = "Tensör"
        raw: r"Tensör"
        triple: '''中中'''
        broken: "Tensör["
    """)
    assert code.links() == [f"{line}: Tensör -> m.Tensör" for line in (2, 2, 2, 3)]


def test_columns_count_characters_and_lines_are_pythons_lines(sources):
    code = sources('class é: ...\n"ünï", é; "\x0c\u2028", é; é')
    assert code.links() == ["2: é -> m.é"] * 3


def test_names_inside_f_strings_are_linked_where_they_stand(sources):
    code = sources("""
        def f(): ...
        a = f"f {f} f"
        b = ("f" f"{f()!r:>{f}}"
             f"é {  f }")
    """)
    assert code.links() == [f"{line}: f -> m.f" for line in (2, 3, 3, 4)]
    for link in code.names.links("m"):
        text = code.lines["m"][link.line - 1]
        assert text[: link.start].rstrip()[-1] == "{"


def test_deeply_nested_expressions_are_read(sources):
    code = sources("def f(): ...\nx = " + " + ".join(["f()"] * 900))
    assert len(code.links()) == 900


@pytest.mark.parametrize(
    "text",
    [
        "x = {name}",
        "@{name}\ndef g() -> {name}: ...\ng().f",
        "class C({name}):\n def g(self): self.f",
        "x: {name}[int] = 1\nx.f",
        "x: '{name}' = 1\nx.f",
        "x: '{nested}' = 1\nx.f",
        "x: '\\0' = 1\nx.f",
        "from {name} import f as g\ng()",
    ],
)
def test_names_behind_hundreds_of_dots_and_odd_annotations_do_no_harm(sources, text):
    text = text.format(name="a" + ".f" * 600, nested="[" * 600)
    code = sources(f"def f(): ...\n{text}\nf()")
    assert code.links()[-1].endswith(": f -> m.f")
    assert code.names.definitions("m")
    assert code.names.relations("m.f")


def test_names_of_an_unpacked_tuple_are_linked_to_their_assignment(sources):
    code = sources("""
        WIDTH, (HEIGHT, _) = 1, (2, 3)
        class A:
            def __init__(self):
                self.x, self.y = WIDTH, HEIGHT
            def f(self): return self.x, self.y
    """)
    assert code.links() == [
        "4: WIDTH -> m.WIDTH",
        "4: HEIGHT -> m.HEIGHT",
        "5: x -> m.A.x",
        "5: y -> m.A.y",
    ]


def test_a_page_that_does_not_parse_is_an_error_with_file_and_line(sources):
    with pytest.raises(SourceError, match=r"m\.py:2: does not parse"):
        sources("x = 1\ndef f(:")


def test_modules_outside_of_packages_and_with_odd_names_are_read(sources):
    code = sources({
        "pk/__init__.py": "",
        "pk/m.py": "def f(): ...",
        "pk/scripts/run.py": "from pk.m import f\nf()",
        "loose/a-b.py": "from loose.c import g\ng()",
        "loose/c.py": "def g(): ...",
    })  # fmt: skip
    assert code.links("pk.scripts.run")[-1] == "2: f -> pk.m.f"
    assert code.links("loose.a-b")[-1] == "2: g -> loose.c.g"
