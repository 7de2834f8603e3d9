"""Goes through one file's tree and notes what the deny-list names."""

import ast

from deny_list import DELICATE, ENVIRONMENT, INSIDES, PATTERNS, SEEDERS, SEEDERS_OF_MODULES, SEED_NAME, patched
from names import Names, imported, written_name


def read(tree, harness):
    """Findings as sorted (rule, what). A seed is found once, however often its value is used."""
    reader = Reader(tree, harness)
    reader.visit(tree)
    return sorted(reader.findings + [("seed", value) for value in reader.seeds])


def data_in(tree):
    """How many characters of data the literals carry: weights can hide in strings and in tables of numbers."""
    size = 0
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, (str, bytes)):
            size += len(value)
        elif isinstance(value, int):
            size += 4 + value.bit_length() // 4
        elif isinstance(value, (float, complex)):
            size += 8
    return size


class Reader(ast.NodeVisitor):
    def __init__(self, tree, harness):
        self.findings, self.seeds = [], set()
        self.names, self.patched = Names(tree), patched(harness)

    def find(self, rule, what):
        self.findings.append((rule, what))

    # --- names ---

    def visit_Import(self, node):
        for alias in node.names:
            self.check_dotted(alias.name)

    def visit_ImportFrom(self, node):
        for _, dotted in imported(node):
            self.check_dotted(dotted)

    def visit_Name(self, node):
        self.check_names(node)

    def visit_Attribute(self, node):
        if not isinstance(node.ctx, ast.Load) and self.means_patched(node):
            self.find("patching", "an attribute")
        rest = self.check_names(node)
        if not isinstance(rest, ast.Name):
            self.visit(rest)

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self.check_attribute(node.value)  # as a key of some __dict__

    def check_names(self, node):
        """What a whole chain of attributes stands for; returns what the chain begins with."""
        for dotted in self.names.resolve(node):
            self.check_dotted(dotted)
        while isinstance(node, ast.Attribute):
            self.check_attribute(node.attr)
            node = node.value
        return node

    def check_dotted(self, dotted):
        for rule, pattern in PATTERNS:
            match = pattern.search(dotted)
            if match:
                self.find(rule, match[0].strip("."))
                return
        whole, _, last = dotted.rpartition(".")
        if last in ("__dict__", "*") and self.is_delicate(whole):
            self.find("introspection", dotted)

    def check_attribute(self, name):
        if INSIDES.search(name):
            self.find("introspection", name)

    def is_delicate(self, dotted):
        return bool(DELICATE.search(dotted) or self.patched.search(dotted))

    def means_patched(self, node):
        return any(self.patched.search(dotted) for dotted in self.names.resolve(node))

    # --- calls ---

    def visit_Call(self, node):
        name = name_of(node.func)
        if written_name(node) is not None:
            self.check_names(node)
        elif name in ("getattr", "vars") and any(self.is_delicate(one) for one in self.meanings_of_first(node)):
            self.find("introspection", name)
        elif name in ("setattr", "delattr") and node.args and self.means_patched(node.args[0]):
            self.find("patching", "an attribute")
        elif name == "setDaemon":
            self.find("thread", "daemon")
        if name in SEEDERS or self.names.resolve(node.func) & SEEDERS_OF_MODULES:
            for value in [*node.args, *(keyword.value for keyword in node.keywords)][:1]:
                self.check_seed(value)
        if name in ("putenv", "unsetenv", "pop") and node.args:
            self.check_environment(node.args[0])
        self.check_keywords(node)
        self.generic_visit(node)

    def meanings_of_first(self, node):
        return self.names.resolve(node.args[0]) if node.args else set()

    def check_keywords(self, node):
        option = text_of(node.args[0]) if node.args else ""
        for keyword in node.keywords:
            name = keyword.arg or ""
            if name == "daemon" and not is_false(keyword.value):
                self.find("thread", "daemon")
            if name.startswith(ENVIRONMENT):
                self.find("patching", "the environment")
            if SEED_NAME.search(name) or (name == "default" and SEED_NAME.search(option)):
                self.check_seed(keyword.value)

    # --- what is given to a name, an attribute, a key or a parameter ---

    def visit_Assign(self, node):
        for target in node.targets:
            self.check_given(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.check_given(node.target, node.value)
        self.generic_visit(node)

    def visit_Subscript(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.check_environment(node.slice)
        self.generic_visit(node)

    def visit_Dict(self, node):
        for key, value in zip(node.keys, node.values):
            if key is not None:
                self.check_environment(key)
                if SEED_NAME.search(text_of(key)):
                    self.check_seed(value)
        self.generic_visit(node)

    def visit_arguments(self, node):
        plain = [*node.posonlyargs, *node.args]
        with_default = zip(plain[len(plain) - len(node.defaults) :], node.defaults)
        for arg, value in [*with_default, *zip(node.kwonlyargs, node.kw_defaults)]:
            if value is not None and SEED_NAME.search(arg.arg):
                self.check_seed(value)
        self.generic_visit(node)

    def check_given(self, target, value):
        name = name_of(target)
        if SEED_NAME.search(name):
            self.check_seed(value)
        if name == "daemon" and isinstance(target, ast.Attribute) and not is_false(value):
            self.find("thread", "daemon")

    def check_seed(self, value):
        text = self.names.literal_text(value)
        if text is not None:
            self.seeds.add(text)

    def check_environment(self, key):
        if text_of(key).startswith(ENVIRONMENT):
            self.find("patching", "the environment")


def name_of(node):
    """The last word of what is called or assigned to: SEED, self.seed, options["seed"]."""
    if isinstance(node, ast.Subscript):
        return text_of(node.slice)
    return getattr(node, "id", getattr(node, "attr", ""))


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_false(node):
    return isinstance(node, ast.Constant) and not node.value
