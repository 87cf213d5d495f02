"""Where a class finds its methods."""

from __future__ import annotations

from typing import Any

FAMILY = """
    class Top:
        def __init__(self):
            self.attribute = 1
        def run(self): ...
        def over(self): ...
        @property
        def value(self) -> "Top": ...
        @value.setter
        def value(self, new): ...
        @staticmethod
        def tool(): ...
        @classmethod
        def make(cls):
            return cls.tool()
    class Middle(Top):
        def over(self):
            return super().over()
    class Bottom(Middle):
        class Inner:
            def deep(self): return self.deep
        def over(self):
            super().over()
            super().run()
            super(Middle, self).over()
            Middle.run(self)
            self.attribute, self.run, self.value.run, self.tool, self.Inner.deep, self.missing
            def nested(): return self.run
            return [self.over for _ in ()]
"""


def test_methods_lead_where_the_method_resolution_order_finds_them(sources):
    assert sources(FAMILY).links() == [
        "7: Top -> m.Top",
        "14: tool -> m.Top.tool",
        "15: Top -> m.Top",
        "17: over -> m.Top.over",
        "18: Middle -> m.Middle",
        "20: deep -> m.Bottom.Inner.deep",
        "22: over -> m.Middle.over",
        "23: run -> m.Top.run",
        "24: Middle -> m.Middle",
        "24: over -> m.Top.over",
        "25: Middle -> m.Middle",
        "25: run -> m.Top.run",
        "26: attribute -> m.Top.attribute",
        "26: run -> m.Top.run",
        "26: value -> m.Top.value",
        "26: run -> m.Top.run",
        "26: tool -> m.Top.tool",
        "26: Inner -> m.Bottom.Inner",
        "26: deep -> m.Bottom.Inner.deep",
        "27: run -> m.Top.run",
        "28: over -> m.Bottom.over",
    ]


def test_several_bases_are_searched_in_pythons_order(sources):
    code = sources("""
        class A:
            def f(self): ...
            def g(self): ...
        class B(A):
            def f(self): ...
        class C(A):
            def f(self): ...
            def g(self): ...
        class D(B, C):
            def h(self):
                self.f, self.g, super().f
    """)
    namespace: dict[str, Any] = {}
    exec("\n".join(code.lines["m"]), namespace)
    for name in "fg":
        expected = f"m.{getattr(namespace['D'], name).__qualname__}"
        assert code.target("m", f"11: self.[[{name}]]") == expected


def test_what_an_unknown_base_class_may_override_has_no_link(sources):
    code = sources("""
        from somewhere import Unknown
        class Known:
            def f(self): ...
        class Child(Known):
            def g(self): ...
        class A(Unknown, Known):
            def h(self): self.f, self.h
        class B(Child, Unknown):
            def h(self): self.g, self.f
    """)
    assert code.target("m", "7: self.[[f]]") is None
    assert code.target("m", "7: self.[[h]]") == "m.A.h"
    assert code.target("m", "9: self.[[g]]") == "m.Child.g"
    assert code.target("m", "9: self.[[f]]") is None


def test_a_method_that_is_also_assigned_on_self_has_no_link(sources):
    code = sources("""
        class A:
            def f(self): ...
            def g(self): ...
            def swap(self):
                self.f = print
                self.f()
        class B(A):
            def swap(self):
                self.g = print
                self.g()
    """)
    assert code.links() == ["7: A -> m.A"]


def test_private_names_belong_to_the_class_they_are_written_in(sources):
    code = sources("""
        class A:
            def __f(self): ...
            def g(self): self.__f()
        class B(A):
            def g(self): self.__f()
        def h(a: A): a.__f()
    """)
    assert code.links() == [
        "3: __f -> m.A.__f",
        "4: A -> m.A",
        "6: A -> m.A",
    ]


def test_a_class_that_extends_itself_or_is_defined_twice_does_no_harm(sources):
    code = sources("""
        class A(A):
            def f(self): self.f
        class B(C): ...
        class C(B):
            def f(self): self.g
        class D:
            def f(self): self.f
        class D:
            def g(self): self.f
    """)
    assert code.target("m", "7: self.[[f]]") is None
    assert code.target("m", "9: self.[[f]]") is None
    assert code.target("m", "2: self.[[f]]") == "m.A.f"


def test_decorators_defaults_and_bases_are_read_outside_the_definition(sources):
    code = sources("""
        def deco(f): ...
        LIMIT = 3
        class Base: ...
        @deco
        def f(deco=deco, limit=LIMIT): return deco
        class C(Base):
            @deco
            def deco(self, x=LIMIT): ...
    """)
    assert code.links() == [
        "4: deco -> m.deco",
        "5: deco -> m.deco",
        "5: LIMIT -> m.LIMIT",
        "6: Base -> m.Base",
        "8: LIMIT -> m.LIMIT",
    ]


def test_overloads_belong_to_the_function_that_follows_them(sources):
    code = sources('''
        from typing import overload
        @overload
        def f(x: int) -> int: ...
        @overload
        def f(x: str) -> str: ...
        def f(x):
            """### f"""
        f
    ''')
    assert [(k.line, k.url) for k in code.names.links("m")] == [(8, "#f")]
