"""Which names belong to which function, and which of them may be told by their place alone.

In doubt a name keeps its spelling: then a copy is taken for something new, which costs one experiment. Two different
programs must never look the same.
"""

import ast
from pathlib import PurePosixPath

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Where one of these is used, local names can be seen from outside.
WATCHING_NAMES = {"locals", "vars", "dir", "eval", "exec"}
WATCHING_PARTS = {"inspect", "numexpr", "_getframe", "f_locals", "co_varnames"}


class Called:
    """How functions are called in all files together: a parameter's name that matters there is kept."""

    def __init__(self, trees):
        self.names, self.spreads = set(), False
        ours = {PurePosixPath(path).stem for path in trees}
        for tree in trees.values():
            nodes = list(ast.walk(tree))
            theirs = {name for node in nodes for name in names_of_modules(node, ours)}
            for node in nodes:
                if isinstance(node, ast.keyword) and node.arg:
                    self.names.add(node.arg)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    self.names.add(node.value)  # Thread(kwargs={"name": ...}), jit(static_argnames="name")
                elif isinstance(node, ast.Call) and any(keyword.arg is None for keyword in node.keywords):
                    # `numpy.savez(path, **weights)` calls nothing of ours.
                    self.spreads = self.spreads or root_of(node.func) not in theirs

    def by_name(self, name):
        return self.spreads or name in self.names


class Habits:
    """What one file does that bears on names and docstrings."""

    def __init__(self, tree):
        self.kept = set()  # in every scope
        self.watches = self.says_names = self.reads_documents = False
        for node in ast.walk(tree):
            parts = {getattr(node, "id", None), getattr(node, "attr", None), *parts_of_import(node)}
            # Type parameters have scopes of their own, in ways that changed from version to version.
            modern = getattr(node, "type_params", None) or type(node).__name__ == "TypeAlias"
            self.watches |= bool(modern or parts & WATCHING_PARTS or getattr(node, "id", None) in WATCHING_NAMES)
            self.says_names |= bool(parts & {"__name__", "__qualname__"} and not is_main_guard(node))
            self.reads_documents |= bool(parts & {"__doc__", "getdoc", "help"})
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                self.kept.update(node.names)
            elif isinstance(node, ast.ClassDef):  # its names are attributes, and functions within do not see them
                self.kept.update(name for name, _ in bindings(node.body))
            elif isinstance(node, COMPREHENSIONS):  # what `:=` binds in there belongs to the function around
                self.kept.update(one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr))


class Scope:
    """The names of one function or comprehension: some are numbered, the others keep their spelling."""

    def __init__(self, names, kept=()):
        self.kept = set(kept)
        self.numbered = set(names) - self.kept
        self.numbers = {}


def scope_of_function(node, called, habits):
    arguments = node.args
    body = node.body if isinstance(node.body, list) else [node.body]
    bound = list(bindings(body))
    public = {arg.arg for arg in arguments.args}
    kept = {arg.arg for arg in arguments.kwonlyargs}
    # A decorator may look at the names of parameters, as fixtures do.
    kept |= {name for name in public if getattr(node, "decorator_list", None) or called.by_name(name)}
    kept |= {name for name, what in bound if what == "kept" or (what == "function" and habits.says_names)}
    names = {name for name, _ in bound} | {arg.arg for arg in every_argument(arguments)}
    kept |= {name for name in names if name.startswith("__")}
    return Scope(names, names if habits.watches else kept)


def scope_of_comprehension(node, habits):
    names = {one.id for part in node.generators for one in ast.walk(part.target) if is_bound(one)}
    return Scope(names, names if habits.watches else ())


def bindings(nodes):
    """The names that statements or expressions bind in their own scope, each with what it is: "plain", "function",
    or "kept" where its spelling is part of what it means."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FUNCTIONS):
            yield node.name, "function"
            waiting += [*node.decorator_list, *outside_of(node.args), *filter(None, [node.returns])]
        elif isinstance(node, ast.ClassDef):
            yield node.name, "kept"
            waiting += [*node.decorator_list, *node.bases, *node.keywords]
        elif isinstance(node, ast.Lambda):
            waiting += outside_of(node.args)
        elif isinstance(node, COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
        else:
            yield from own_bindings(node)
            waiting += ast.iter_child_nodes(node)


def own_bindings(node):
    if is_bound(node):
        yield node.id, "plain"
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            dotted = "." in alias.name and not alias.asname
            yield (alias.asname or alias.name).split(".")[0], "kept" if dotted else "plain"
    elif isinstance(node, ast.ExceptHandler) or type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            yield name, "plain"


def is_bound(node):
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def every_argument(arguments):
    stars = [arg for arg in (arguments.vararg, arguments.kwarg) if arg]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def outside_of(arguments):
    """What of a function's head is worked out in the scope around it: defaults and annotations."""
    annotations = [arg.annotation for arg in every_argument(arguments)]
    return [one for one in [*arguments.defaults, *arguments.kw_defaults, *annotations] if one]


def names_of_modules(node, ours):
    """The names that an import gives to what is not in our own files, and calls nothing that is given to it."""
    if isinstance(node, ast.Import):
        names = [(alias.asname or alias.name.split(".")[0], alias.name.split(".")) for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        names = [(alias.asname or alias.name, (node.module or "").split(".")) for alias in node.names]
    else:
        names = []
    return [name for name, parts in names if not ours & set(parts) and "functools" not in parts]


def parts_of_import(node):
    aliases = node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []
    dotted = [getattr(node, "module", None) or "", *(alias.name for alias in aliases)] if aliases else []
    return [part for name in dotted for part in name.split(".")]


def root_of(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def is_main_guard(node):
    """`__name__` by itself is the module's, which no rename of ours changes."""
    return isinstance(node, ast.Name) and node.id == "__name__"
