"""Where a name is visible, and what hides it."""

from __future__ import annotations

import sys

import pytest


def test_a_parameter_or_local_variable_hides_the_definition_of_the_same_name(sources):
    code = sources("""
        def step(): ...
        def parameter(step): return step
        def variable():
            step = 1
            return step
        def loop():
            for step in (): step
            with open("f") as variable: variable
            try: ...
            except OSError as parameter: parameter
            [loop := 1, loop]
        def really(): return step
    """)
    assert code.links() == ["12: step -> m.step"]


def test_a_name_assigned_later_in_the_function_is_local_from_its_first_line(sources):
    code = sources("""
        def step(): ...
        def f():
            step()
            step = 1
    """)
    assert code.links() == []


def test_a_comprehension_has_a_scope_of_its_own_but_its_first_iterable_has_not(sources):
    code = sources("""
        def x(): ...
        def f(): return [x for x in x]
        def g(): return [y for y in () for z in x]
        def h(): return {x: x for x in ()}, x
    """)
    assert code.links() == ["2: x -> m.x", "3: x -> m.x", "4: x -> m.x"]


def test_a_class_body_is_invisible_to_its_methods_and_comprehensions(sources):
    code = sources("""
        def helper(): ...
        class C:
            def helper(self):
                return helper()
            alias = helper
            several = [helper for _ in ()]
    """)
    assert code.links() == [
        "4: helper -> m.helper",
        "5: helper -> m.C.helper",
        "6: helper -> m.helper",
    ]


def test_in_a_class_body_a_name_that_is_bound_further_down_is_left_alone(sources):
    code = sources("""
        def size(): ...
        class C:
            a = size()
            size = (
                size()
            )
    """)
    assert code.links() == []


def test_lambda_walrus_match_global_and_nonlocal_bind_as_python_says(sources):
    code = sources("""
        def a(): ...
        def b(): ...
        def c(): ...
        f = lambda a: a(b)
        def g(x):
            if (a := x): a
            match x:
                case {"k": b, **c}: b, c
            return a, b, c
        def h():
            def a(): ...
            def inner():
                nonlocal a
                a = 1
            return a
        def i():
            def inner():
                global c
                return c()
            c = 1
            return c
    """)
    assert code.links() == ["4: b -> m.b", "19: c -> m.c"]


def test_a_function_or_class_inside_a_function_is_linked_by_its_line(sources):
    code = sources("""
        def f():
            class Local: ...
            def inner(): return inner
            return inner, Local
    """)
    links = [(k.line, k.url) for k in code.names.links("m")]
    assert links == [(3, "#L3"), (4, "#L3"), (4, "#L2")]


def test_a_definition_with_two_candidates_has_no_link(sources):
    code = sources("""
        import sys
        try:
            from os import path as fast
        except ImportError:
            fast = None
        if sys:
            def f(): ...
        else:
            def f(): ...
        class A: ...
        A = wrap(A)
        def deleted(): ...
        del deleted
        def rebound(): ...
        def other():
            global rebound
            rebound = None
        fast, f, A, deleted, rebound
    """)
    assert code.links() == []


def test_a_variable_is_linked_to_its_first_assignment(sources):
    code = sources("""
        count = 0
        count += 1
        count = 2
        def f(): return count
    """)
    assert [(k.line, k.url) for k in code.names.links("m")] == [(4, "#L1")]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_parameters_are_visible_in_their_definition_only(sources):
    code = sources("""
        class T: ...
        class Box[T](list[T]):
            item: T
            class Inner: ...
            def get[K: Inner](self, key: K, other: T) -> Inner: ...
        type Pair[T] = tuple[T, Box]
        def f(x: T): ...
    """)
    assert code.links() == [
        "5: Inner -> m.Box.Inner",
        "5: Inner -> m.Box.Inner",
        "6: Box -> m.Box",
        "7: T -> m.T",
    ]
