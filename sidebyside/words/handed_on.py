"""
# Arguments that land on a neighbor

`super().__init__(params, amsgrad, defaults)` hands on by position. If the constructor above has one
argument more than its author thought of, each value lands on a neighbor, and Python does not
complain. So is swapping two: `self.update(grad, param)`. Names tell. Refused are

* two variables in a call, each of which has the name of the argument that the other is given as;
* in a call of the same method of the class above, to which a method hands on its arguments, a
  variable that is given as another argument, where that function has one of the variable's name, or
  the caller has one of that other name;
* a constructor that takes `**others` and never reads them: what is misspelt is lost there.

Only calls whose function is found for certain, in the sources of the project, are looked at. A
function that calls itself may well turn its arguments round; so may any call that names them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from sidebyside.claims.chunks import functions_of
from sidebyside.source.sections import Module
from sidebyside.words.classes import Classes, FunctionNode, Method, names_of


def misplaced_arguments(module: Module, modules: Sequence[Module]) -> Iterator[str]:
    """Yield each variable in a call that lands on an argument of another name."""
    classes = Classes(module, modules)
    for name, _, node in functions_of(module.tree):
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            found = classes.called(call.func, name.rpartition(".")[0])
            if found is not None and found.node is not node:
                for line, variable, argument in _misplaced(call, node, found):
                    what = f"`{variable}` is handed on as `{argument}` of `{found.name}`"
                    yield f"{module.path}:{line}: {what}; name the arguments in the call"
        if name.endswith(".__init__"):
            yield from (f"{module.path}:{node.lineno}: {each}" for each in _dropped(name, node))


def _dropped(name: str, node: FunctionNode) -> Iterator[str]:
    """The collections of arguments that a constructor takes, and never reads."""
    read = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    for stars, taken in (("*", node.args.vararg), ("**", node.args.kwarg)):
        if taken and not taken.arg.startswith("_") and not {taken.arg, "locals"} & read:
            code = f"{stars}{taken.arg}"
            yield f"`{name}` takes `{code}` and drops them; hand them on, or do not take them"


def _misplaced(
    call: ast.Call, caller: FunctionNode, found: Method
) -> Iterator[tuple[int, str, str]]:
    """The line, the variable, and the argument that it is given as by position."""
    given = dict(_by_position(call, found))
    by_name = {each.arg for each in call.keywords}
    own, called = names_of(caller), names_of(found.node)[found.bound :]
    for argument, variable in given.items():
        name = variable.id
        if name == argument or name in by_name or _is_given(given.get(name), name):
            continue
        swapped = name in called and any(_is_given(each, argument) for each in given.values())
        shifted = name in own and (name in called or argument in own)
        if swapped or (shifted and _is_above(call.func, caller)):
            yield variable.lineno, name, argument


def _is_given(value: ast.Name | None, name: str) -> bool:
    return value is not None and value.id == name


def _is_above(function: ast.expr, caller: FunctionNode) -> bool:
    """Whether a call is of the same method of the class above."""
    match function:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
            return name == caller.name
    return False


def _by_position(call: ast.Call, found: Method) -> Iterator[tuple[str, ast.Name]]:
    """The arguments that are given by position, as far as that is known, and by a variable."""
    for name, value in zip(found.positional, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        if isinstance(value, ast.Name):
            yield name, value
