"""One text for all spellings of a program: without comments, formatting and docstrings, numbers by their value, local
variables by their place (scopes.py). Files with one normal form do the same when they run."""

import ast

from folding import Folding
from scopes import COMPREHENSIONS, FUNCTIONS, Habits, every_argument, scope_of_comprehension, scope_of_function

# Fields that say nothing of what a program does.
MEANINGLESS = {"ctx", "kind", "type_comment", "type_ignores"}
# Fields that are names of variables, by node.
NAMES = {"ExceptHandler": "name", "MatchAs": "name", "MatchStar": "name", "MatchMapping": "rest"}
BODIES = {"body", "orelse", "finalbody"}


def write(tree, called):
    """The normal form of a parsed file; `called` is scopes.Called of all files together."""
    writer = Writer(called, Habits(tree))
    writer.write(tree)
    return "".join(writer.out)


class Writer:
    def __init__(self, called, habits):
        self.called, self.habits, self.folding = called, habits, Folding()
        self.scopes, self.out, self.count = [], [], 0

    def name(self, name):
        """A local variable's number, by first appearance; any other name as it is."""
        if name in self.habits.kept:
            return name
        for scope in reversed(self.scopes):
            if name in scope.kept:
                return name
            if name in scope.numbered:
                if name not in scope.numbers:
                    self.count += 1
                    scope.numbers[name] = self.count
                return f"%{scope.numbers[name]}"
        return name

    def write(self, value):
        if isinstance(value, ast.AST):
            self.write_node(value)
        elif isinstance(value, list):
            self.out.append("[")
            for one in value:
                self.write(one)
            self.out.append("]")
        else:
            text = hex(value) if type(value) is int else repr(value)  # a long number has no decimal text
            self.out.append(f"<{type(value).__name__} {text}>")

    def write_node(self, node):
        number = self.folding.value(node)
        kind = "Constant" if number is not None else type(node).__name__
        self.out.append(f"({kind}")
        if number is not None:
            self.write(number)
        elif isinstance(node, (*FUNCTIONS, ast.Lambda)):
            self.write_function(node)
        elif isinstance(node, COMPREHENSIONS):
            self.write_comprehension(node)
        elif isinstance(node, ast.Name):
            self.out.append(f" {self.name(node.id)}")
        elif isinstance(node, ast.alias):
            bound = "" if "." in node.name and not node.asname else self.name(node.asname or node.name)
            self.out.append(f" {node.name} as {bound}")
        else:
            self.write_fields(node)
        self.out.append(")")

    def write_fields(self, node, leave_out=()):
        for field, value in ast.iter_fields(node):
            if field in MEANINGLESS or field in leave_out or value is None or value == []:
                continue
            self.out.append(f" {field}=")
            if field in BODIES and isinstance(value, list):
                self.write(self.meaningful(node, value))
            else:
                self.write(self.name(value) if NAMES.get(type(node).__name__) == field else value)

    def meaningful(self, node, body):
        """Statements without those that do nothing: docstrings, other bare constants, `pass`."""
        has_document = isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Module)) and self.habits.reads_documents
        kept = body[:1] if has_document else []
        return kept + [one for one in body[len(kept) :] if not does_nothing(one)] or [ast.Pass()]

    def write_function(self, node):
        if not isinstance(node, ast.Lambda):
            self.out.append(f" name={self.name(node.name)}")
            self.write_fields(node, leave_out={"name", "args", "body"})
        arguments = node.args
        self.write([arguments.defaults, arguments.kw_defaults])  # in the scope around, as are annotations
        self.write([arg.annotation for arg in every_argument(arguments)])
        self.scopes.append(scope_of_function(node, self.called, self.habits))
        for kind in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs):
            self.write([self.name(arg.arg) for arg in kind])
        for star in (arguments.vararg, arguments.kwarg):
            self.write(star and self.name(star.arg))
        self.write(self.meaningful(node, node.body) if isinstance(node.body, list) else node.body)
        self.scopes.pop()

    def write_comprehension(self, node):
        first = node.generators[0]
        self.write(first.iter)  # in the scope around
        self.scopes.append(scope_of_comprehension(node, self.habits))
        for part in node.generators:
            self.write([part.target, part.is_async, None if part is first else part.iter, part.ifs])
        self.write([node.key, node.value] if isinstance(node, ast.DictComp) else node.elt)
        self.scopes.pop()


def does_nothing(statement):
    bare = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return bare or isinstance(statement, ast.Pass)
