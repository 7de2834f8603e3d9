"""What the names of a file stand for: parts of modules, as far as imports, plain aliases and `getattr` with a written
name tell, and values that nothing but the source decides."""

import ast

from deny_list import CODE_FROM_TEXT

MOST_MEANINGS, ROUNDS = 8, 3  # of a name that is assigned again and again; of aliases of aliases
PLAIN_CALLS = {"int", "float", "str", "abs", "round", "hash", "ord", "len", "sum", "min", "max", "pow"}


class Names:
    def __init__(self, tree):
        self.meanings, self.literals = {}, {}
        assigned, stored, deleted = [], {}, set()
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for name, dotted in imported(node):
                    self.mean(name, dotted)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                assigned += [(target.id, node.value) for target in targets if isinstance(target, ast.Name)]
            bound = node.arg if isinstance(node, ast.arg) else None
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
                deleted.add(node.id)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound = node.id
            if bound is not None:
                stored[bound] = stored.get(bound, 0) + 1
        self.own = {name: line for name, line in own_names(tree) if name not in deleted}
        for _ in range(ROUNDS):
            for name, value in assigned:
                for dotted in self.resolve(value):
                    self.mean(name, dotted)
                if stored[name] == 1 and self.is_literal(value):
                    self.literals[name] = value

    def mean(self, name, dotted):
        meanings = self.meanings.setdefault(name, set())
        if len(meanings) < MOST_MEANINGS:
            meanings.add(dotted)

    def resolve(self, node):
        """The dotted names that an expression may stand for; empty for what is no part of a module."""
        if isinstance(node, ast.Name):
            is_own = node.id in self.meanings or self.own.get(node.id, node.lineno) < node.lineno
            if node.id in CODE_FROM_TEXT and isinstance(node.ctx, ast.Load) and not is_own:
                return {f"builtins.{node.id}"}
            return {"builtins"} if node.id == "__builtins__" else set(self.meanings.get(node.id, ()))
        if isinstance(node, ast.Attribute):
            return {f"{whole}.{node.attr}" for whole in self.resolve(node.value)}
        name = written_name(node)
        return set() if name is None else {f"{whole}.{name}" for whole in self.resolve(node.args[0])}

    def is_literal(self, node):
        """Whether nothing but the source decides its value."""
        if isinstance(node, ast.Constant):
            return node.value is not None and not isinstance(node.value, bool)
        if isinstance(node, ast.Name):
            return node.id in self.literals
        parts = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLAIN_CALLS:
            parts = node.args
        elif isinstance(node, ast.UnaryOp):
            parts = [node.operand]
        elif isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, (ast.Tuple, ast.List)):
            parts = node.elts
        return len(parts) > 0 and all(self.is_literal(part) for part in parts)

    def literal_text(self, node):
        """The value as text, through the names that stand for it; None for what is no literal."""
        seen = set()
        while isinstance(node, ast.Name) and node.id in self.literals and node.id not in seen:
            seen.add(node.id)
            node = self.literals[node.id]
        return ast.unparse(node)[:80] if self.is_literal(node) else None


def own_names(tree):
    """The names that a module surely takes for itself before what follows, as in `compile = True`, each with its line."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((target.id, node.lineno) for target in node.targets if isinstance(target, ast.Name))


def imported(node):
    """The names that an import binds, each with what it stands for. Of a relative import the dots are left out."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, ".".join(filter(None, [node.module, alias.name]))
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.split(".")[0]
            yield top, top


def written_name(node):
    """The name in `getattr(module, "name")`; None for any other expression."""
    is_getattr = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"
    if not is_getattr or len(node.args) < 2 or not isinstance(node.args[1], ast.Constant):
        return None
    return node.args[1].value if isinstance(node.args[1].value, str) else None
