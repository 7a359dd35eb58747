"""What the text of a Python module says, by ``ast`` alone: nothing is imported, nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from orchestrator.lint.programs.annotations import names as names_in

Function = ast.FunctionDef | ast.AsyncFunctionDef

ASKING = frozenset({"socket", "async_socket", "thread_socket", "messages", "multipart"})
"""Methods of a Node that take the name of a socket."""

PROXIES = frozenset({"proxy", "device", "proxy_steerable"})


class Signature(NamedTuple):
    """What a callable takes beside the node: the names of its arguments, and those it needs; ``more`` is any others.

    ``node`` tells whether it takes the node at all. ``annotations`` are the types of arguments as they are written.
    """

    names: tuple[str, ...]
    needed: tuple[str, ...]
    more: bool
    node: bool
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Use:
    """What a callable does, with the ``functions`` of its module that it calls, itself among them.

    ``sockets`` has the line where each name is first asked for, ``certain`` those that no condition stands before,
    ``multipart`` those whose messages surely have several parts; ``proxies`` are the lines of proxies in the main
    thread. ``whole`` tells that no other socket can be used: the node goes nowhere else, and every name is a literal.
    """

    functions: list[Function] = field(default_factory=list)
    sockets: dict[str, int] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)
    multipart: set[str] = field(default_factory=set)
    proxies: list[int] = field(default_factory=list)
    whole: bool = True


class Module:
    """One module. ``error`` is the line of its first syntax error, None without one.

    ``names`` are bound at its top; with ``open`` there can be any others. ``proxies`` and ``polls`` tell whether it
    does so anywhere; ``attributes`` and ``words`` are all names behind a dot, and all texts.
    """

    def __init__(self, text: str) -> None:
        self.error: int | None = None
        self.names: dict[str, ast.AST] = {}
        self.open = False
        self._zmq: dict[str, str] = {}
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            self.error = getattr(error, "lineno", None) or 1
            tree = ast.Module([], [])
        self._bind(tree.body)
        everything = list(ast.walk(tree))
        for each in everything:
            for name in each.names if isinstance(each, ast.Global) else ():
                self._put(name, each)
        self.proxies = any(isinstance(each, ast.Call) and self.is_proxy(each) for each in everything)
        self.attributes = frozenset(each.attr for each in everything if isinstance(each, ast.Attribute))
        self.words = frozenset(
            each.value for each in everything if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )
        self.polls = not self.attributes.isdisjoint({"poll", "Poller"})

    def find(self, path: str) -> ast.AST | None:
        """Return what binds a name, or a method of a class: ``main``, ``Bot.main``. None where nothing does."""
        first, *rest = path.split(".")
        found = self.names.get(first)
        for name in rest:
            if not isinstance(found, ast.ClassDef) or found.bases:
                break
            found = next((each for each in found.body if getattr(each, "name", None) == name), None)
        return found

    def function(self, path: str) -> Function | None:
        """Return a function as it is written; None where it is none, or decorated, and so may be another one."""
        found = self.find(path)
        return found if isinstance(found, Function) and not found.decorator_list else None

    def signature(self, path: str) -> Signature | None:
        """Return what a callable takes; None where that cannot be seen."""
        found = self.find(path)
        if isinstance(found, ast.ClassDef):
            plain = not found.bases and not found.keywords and not found.decorator_list
            inits = [each for each in found.body if isinstance(each, Function) and each.name == "__init__"]
            return _signature(inits[0], bound=True) if plain and len(inits) == 1 else None
        function = self.function(path)
        return _signature(function, bound=False) if function else None

    def rebinds(self, annotation: str) -> bool:
        """Return whether the module gives a name of an annotation a meaning of its own, but by an import of typing."""
        bound = {name for name in names_in(annotation) if name in self.names}
        return any(getattr(self.names[name], "module", "") not in ("typing", "collections.abc") for name in bound)

    def use(self, path: str) -> Use | None:
        """Return what a callable does; None where that cannot be seen."""
        function = self.function(path)
        if function is None or not (parameters := _parameters(function)):
            return None
        use = Use()
        _Follow(self, use).function(function, parameters[0], certain=True)
        return use

    def is_proxy(self, call: ast.Call) -> bool:
        """Return whether a call is one of zmq's proxies, which run until the context ends."""
        called = call.func
        if isinstance(called, ast.Name):
            return self._zmq.get(called.id, "") in PROXIES
        if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
            return False
        return called.attr in PROXIES and self._zmq.get(called.value.id) == "zmq"

    def _bind(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, Function | ast.ClassDef):
                self._put(statement.name, statement)
                self.open |= statement.name == "__getattr__"
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                self._import(statement)
            else:
                for each in within(statement):
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                        self._put(each.id, statement)
                for block in ("body", "orelse", "finalbody"):
                    self._bind(getattr(statement, block, []))
                for branch in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
                    self._bind(branch.body)

    def _put(self, name: str, statement: ast.AST) -> None:
        """Bind a name; one that is bound twice can be the one or the other."""
        self.names[name] = statement if name not in self.names else ast.Pass()

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        for alias in statement.names:
            self.open |= alias.name == "*"
            name = alias.asname or alias.name.partition(".")[0]
            self._put(name, statement)
            if isinstance(statement, ast.Import) and alias.name == "zmq":
                self._zmq[name] = "zmq"
            elif isinstance(statement, ast.ImportFrom) and statement.module == "zmq" and alias.name in PROXIES:
                self._zmq[name] = alias.name


class _Follow:
    """Follows the node through the functions of a module that are called in the main thread."""

    def __init__(self, module: Module, use: Use) -> None:
        self._module, self._use = module, use
        self._seen: set[tuple[Function, str, bool]] = set()

    def function(self, function: Function, node: str, *, certain: bool) -> None:
        """Look at a function in which the node has a name; an empty one where it does not get the node.

        ``certain`` tells that it is called whatever happens.
        """
        if (function, node, certain) in self._seen:
            return
        self._seen.add((function, node, certain))
        if function not in self._use.functions:
            self._use.functions.append(function)
        conditional = _conditional(function)
        inner = {each.name: each for each in ast.walk(function) if isinstance(each, Function) and each is not function}
        passed: set[ast.AST] = set()
        for each in own(function):
            if isinstance(each, ast.Call):
                if self._module.is_proxy(each):
                    self._use.proxies.append(each.lineno)
                self._called(each, node, inner, passed, certain=certain and each not in conditional)
        if node and _kept(function, node):
            self._sockets(function, node, passed, conditional if certain else None)
        elif node:
            self._use.whole = False

    def _called(
        self, call: ast.Call, node: str, inner: dict[str, Function], passed: set[ast.AST], *, certain: bool
    ) -> None:
        """Follow a call into a function of this module; its arguments that are the node are added to ``passed``."""
        if not isinstance(call.func, ast.Name):
            return
        name = call.func.id
        function = inner.get(name) or self._module.function(name)
        if function is None:
            return
        parameters = _parameters(function)
        given = [*zip(parameters, call.args, strict=False), *((each.arg, each.value) for each in call.keywords)]
        received = ""
        for parameter, argument in given:
            if node and parameter and isinstance(argument, ast.Name) and argument.id == node:
                passed.add(argument)
                received = parameter
        if not received and name in inner and node not in parameters:
            received = node  # by closure
        self.function(function, received, certain=certain)

    def _sockets(self, function: Function, node: str, passed: set[ast.AST], conditional: set[ast.AST] | None) -> None:
        """Note what is asked of the node in a function, the functions inside it included.

        ``conditional`` are the calls that a condition stands before, None where all of them are.
        """
        held: dict[str, str] = {}
        seen: set[ast.AST] = set(passed)
        for each in ast.walk(function):
            if isinstance(each, ast.Call) and (name := self._asked(each, node)) is not None:
                seen.add(each.func.value)  # type: ignore[attr-defined]
                if not name:
                    self._use.whole = False
                elif conditional is not None and each not in conditional:
                    self._use.certain.add(name)
            elif isinstance(each, ast.Attribute) and _is(each.value, node) and each.attr not in ASKING:
                seen.add(each.value)
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
                name = self._asked(each.value, node)
                held.update({target.id: name for target in each.targets if isinstance(target, ast.Name) and name})
        for each in ast.walk(function):
            if isinstance(each, ast.Name) and each.id == node and each not in seen:
                self._use.whole = False
            socket = _several_parts(each)
            found = held.get(socket.id) if isinstance(socket, ast.Name) else None
            if isinstance(socket, ast.Call):
                found = self._asked(socket, node)
            if found:
                self._use.multipart.add(found)

    def _asked(self, call: ast.Call, node: str) -> str | None:
        """Return the name of the socket that a call asks the node for: empty where it is no literal, else None."""
        called = call.func
        if not isinstance(called, ast.Attribute) or called.attr not in ASKING or not _is(called.value, node):
            return None
        argument = call.args[0] if call.args else next((each.value for each in call.keywords), None)
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            return ""
        line = self._use.sockets.setdefault(argument.value, call.lineno)
        self._use.sockets[argument.value] = min(line, call.lineno)
        return argument.value


def _several_parts(use: ast.AST) -> ast.expr | None:
    """Return the socket, or the call of ``node.multipart``, whose messages have several parts by this piece of code."""
    if isinstance(use, ast.Call) and isinstance(use.func, ast.Attribute) and use.func.attr == "send_multipart":
        parts = use.args[0] if use.args else None
        several = isinstance(parts, ast.List | ast.Tuple) and len(parts.elts) > 1
        return use.func.value if several else None
    if isinstance(use, ast.Assign):
        target, value = use.targets[0], use.value
    elif isinstance(use, ast.For | ast.AsyncFor):
        target, value = use.target, use.iter
    else:
        return None
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Call) or len(target.elts) < 2:
        return None
    called = value.func
    if not isinstance(called, ast.Attribute):
        return None
    return called.value if called.attr == "recv_multipart" else value if called.attr == "multipart" else None


def _conditional(function: Function) -> set[ast.AST]:
    """Return the calls in a function that are made under some condition alone, or in another function inside it."""
    branching = ast.If | ast.IfExp | ast.Try | ast.Match | ast.BoolOp | Function | ast.Lambda
    branches = [each for each in ast.walk(function) if isinstance(each, branching) and each is not function]
    return {each for branch in branches for each in ast.walk(branch) if isinstance(each, ast.Call)}


def _is(value: ast.AST, name: str) -> bool:
    return isinstance(value, ast.Name) and value.id == name


def _parameters(function: Function) -> list[str]:
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]


def _signature(function: Function, *, bound: bool) -> Signature:
    args = function.args
    positional = _parameters(function)[bound:]
    optional = len(args.defaults)
    required = positional[: len(positional) - optional] if optional else positional
    keyword = [each.arg for each in args.kwonlyargs]
    given = [each for each, default in zip(keyword, args.kw_defaults, strict=True) if default is None]
    hidden = {each.arg for each in args.posonlyargs}
    return Signature(
        names=tuple(each for each in (*positional[1:], *keyword) if each not in hidden),
        needed=(*required[1:], *given),
        more=args.kwarg is not None,
        node=bool(positional) or args.vararg is not None,
        annotations=tuple(
            (each.arg, ast.unparse(each.annotation))
            for each in (*args.args, *args.kwonlyargs)
            if each.annotation is not None and each.arg in (*positional[1:], *keyword)
        ),
    )


def _kept(function: Function, name: str) -> bool:
    """Return whether a name means the same all over a function: it is not bound anew in it."""
    for each in ast.walk(function):
        if isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Load):
            return False
        if isinstance(each, Function | ast.Lambda) and each is not function:
            taken = (*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs)
            if any(parameter.arg == name for parameter in taken):
                return False
    return True


def own(function: Function) -> Iterator[ast.AST]:
    """Walk through what a function itself does, without the functions and classes inside it."""
    for statement in function.body:
        yield from within(statement)


def within(statement: ast.AST) -> Iterator[ast.AST]:
    """Walk through a statement, without the functions and classes inside it."""
    ahead = [statement]
    while ahead:
        each = ahead.pop()
        if not isinstance(each, Function | ast.Lambda | ast.ClassDef):
            yield each
            ahead.extend(ast.iter_child_nodes(each))


@lru_cache(maxsize=1024)
def module(text: str) -> Module:
    """Read a module; each text once."""
    return Module(text)


@lru_cache(maxsize=4096)
def use(text: str, path: str) -> Use | None:
    """Return what a callable of a module does; None where that cannot be seen."""
    return module(text).use(path)
