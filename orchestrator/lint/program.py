"""What the text of a Python module says, by ``ast`` alone: nothing is imported, nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Function = ast.FunctionDef | ast.AsyncFunctionDef

ASKING = frozenset({"socket", "async_socket", "thread_socket", "messages", "multipart"})
"""Methods of a Node that take the name of a socket."""

MULTIPART = frozenset({"send_multipart", "recv_multipart"})
PROXIES = frozenset({"proxy", "device", "proxy_steerable"})


@dataclass(frozen=True, slots=True)
class Signature:
    """What a callable takes beside the node: the names of its arguments, and those it needs; ``more`` is any others.

    ``node`` tells whether it takes the node at all.
    """

    names: tuple[str, ...]
    needed: tuple[str, ...]
    more: bool
    node: bool


@dataclass(slots=True)
class Use:
    """What a callable does, with the functions of its module that it calls.

    ``sockets`` has the line where each name is first asked for, ``proxies`` the lines of proxies in the main thread.
    ``whole`` tells that no other socket can be used: the node goes nowhere else, and every name is a literal.
    """

    sockets: dict[str, int] = field(default_factory=dict)
    multipart: set[str] = field(default_factory=set)
    proxies: list[int] = field(default_factory=list)
    whole: bool = True


class Module:
    """One module. ``error`` is the line of its first syntax error, None without one.

    ``names`` are bound at its top; with ``open`` there can be any others. ``proxies`` and ``polls`` tell whether it
    does so anywhere.
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
        self.proxies = any(isinstance(each, ast.Call) and self.is_proxy(each) for each in everything)
        self.polls = any(isinstance(each, ast.Attribute) and each.attr in ("poll", "Poller") for each in everything)

    def find(self, path: str) -> ast.AST | None:
        """Give what binds a name, or a method of a class: ``main``, ``Bot.main``. None where nothing does."""
        first, *rest = path.split(".")
        found = self.names.get(first)
        for name in rest:
            if not isinstance(found, ast.ClassDef) or found.bases:
                break
            found = next((each for each in found.body if getattr(each, "name", None) == name), None)
        return found

    def function(self, path: str) -> Function | None:
        """Give a function as it is written; None where it is none, or decorated, and so may be another one."""
        found = self.find(path)
        return found if isinstance(found, Function) and not found.decorator_list else None

    def signature(self, path: str) -> Signature | None:
        """Give what a callable takes; None where that cannot be seen."""
        found = self.find(path)
        if isinstance(found, ast.ClassDef):
            plain = not found.bases and not found.keywords and not found.decorator_list
            inits = [each for each in found.body if isinstance(each, Function) and each.name == "__init__"]
            return _signature(inits[0], bound=True) if plain and len(inits) == 1 else None
        function = self.function(path)
        return _signature(function, bound=False) if function else None

    def use(self, path: str) -> Use | None:
        """Give what a callable does; None where that cannot be seen."""
        function = self.function(path)
        if function is None or not (parameters := _parameters(function)):
            return None
        use = Use()
        _Follow(self, use).function(function, parameters[0])
        return use

    def is_proxy(self, call: ast.Call) -> bool:
        """Tell whether a call is one of zmq's proxies, which run until the context ends."""
        called = call.func
        if isinstance(called, ast.Name):
            return self._zmq.get(called.id, "") in PROXIES
        if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
            return False
        return called.attr in PROXIES and self._zmq.get(called.value.id) == "zmq"

    def _bind(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, Function | ast.ClassDef):
                self.names[statement.name] = statement
                self.open |= statement.name == "__getattr__"
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                self._import(statement)
            else:
                for each in _within(statement):
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                        self.names[each.id] = statement
                for block in ("body", "orelse", "finalbody"):
                    self._bind(getattr(statement, block, []))
                for handler in getattr(statement, "handlers", []):
                    self._bind(handler.body)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        for alias in statement.names:
            self.open |= alias.name == "*"
            name = alias.asname or alias.name.partition(".")[0]
            self.names[name] = statement
            if isinstance(statement, ast.Import) and alias.name == "zmq":
                self._zmq[name] = "zmq"
            elif isinstance(statement, ast.ImportFrom) and statement.module == "zmq" and alias.name in PROXIES:
                self._zmq[name] = alias.name


class _Follow:
    """Follows the node through the functions of a module that are called in the main thread."""

    def __init__(self, module: Module, use: Use) -> None:
        self._module, self._use = module, use
        self._seen: set[tuple[int, str]] = set()

    def function(self, function: Function, node: str) -> None:
        """Look at a function in which the node has a name; an empty one where it does not get the node."""
        if (id(function), node) in self._seen:
            return
        self._seen.add((id(function), node))
        inner = {each.name: each for each in ast.walk(function) if isinstance(each, Function) and each is not function}
        passed: set[int] = set()
        for each in _own(function):
            if isinstance(each, ast.Call):
                if self._module.is_proxy(each):
                    self._use.proxies.append(each.lineno)
                self._called(each, node, inner, passed)
        if node and _kept(function, node):
            self._sockets(function, node, passed)
        elif node:
            self._use.whole = False

    def _called(self, call: ast.Call, node: str, inner: dict[str, Function], passed: set[int]) -> None:
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
                passed.add(id(argument))
                received = parameter
        if not received and name in inner and node not in parameters:
            received = node  # by closure
        self.function(function, received)

    def _sockets(self, function: Function, node: str, passed: set[int]) -> None:
        """Note what is asked of the node in a function, the functions inside it included."""
        held: dict[str, str] = {}
        seen = set(passed)
        for each in ast.walk(function):
            if isinstance(each, ast.Call) and (name := self._asked(each, node)) is not None:
                seen.add(id(each.func.value))  # type: ignore[attr-defined]
                if not name:
                    self._use.whole = False
            elif isinstance(each, ast.Attribute) and _is(each.value, node) and each.attr not in ASKING:
                seen.add(id(each.value))
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
                name = self._asked(each.value, node)
                held.update({target.id: name for target in each.targets if isinstance(target, ast.Name) and name})
        for each in ast.walk(function):
            if isinstance(each, ast.Name) and each.id == node and id(each) not in seen:
                self._use.whole = False
            if isinstance(each, ast.Attribute) and each.attr in MULTIPART:
                socket = each.value
                found = held.get(socket.id) if isinstance(socket, ast.Name) else None
                if isinstance(socket, ast.Call):
                    found = self._asked(socket, node)
                if found:
                    self._use.multipart.add(found)

    def _asked(self, call: ast.Call, node: str) -> str | None:
        """Give the name of the socket that a call asks the node for: empty where it is no literal, None where none."""
        called = call.func
        if not isinstance(called, ast.Attribute) or called.attr not in ASKING or not _is(called.value, node):
            return None
        argument = call.args[0] if call.args else next((each.value for each in call.keywords), None)
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            return ""
        line = self._use.sockets.setdefault(argument.value, call.lineno)
        self._use.sockets[argument.value] = min(line, call.lineno)
        if called.attr == "multipart":
            self._use.multipart.add(argument.value)
        return argument.value


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
    )


def _kept(function: Function, name: str) -> bool:
    """Tell whether a name means the same all over a function: it is not bound anew in it."""
    for each in ast.walk(function):
        if isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Load):
            return False
        if isinstance(each, Function | ast.Lambda) and each is not function:
            taken = (*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs)
            if any(parameter.arg == name for parameter in taken):
                return False
    return True


def _own(function: Function) -> Iterator[ast.AST]:
    """Walk through what a function itself does, without the functions and classes inside it."""
    for statement in function.body:
        yield from _within(statement)


def _within(statement: ast.AST) -> Iterator[ast.AST]:
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
    """Give what a callable of a module does; None where that cannot be seen."""
    return module(text).use(path)
