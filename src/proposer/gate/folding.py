"""Expressions of number literals, worked out: 2**15 is 32768 and 1e-3 is 0.001, but 1 and 1.0 stay apart."""

import ast
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
MOST_BITS = 2048  # what is larger stays as it is written, so that 2**2**2**30 is never worked out


class Folding:
    def __init__(self):
        self.known = {}

    def value(self, node):
        """The number that an expression is; None when it is anything else."""
        if node not in self.known:
            self.known[node] = self.work_out(node)
        return self.known[node]

    def work_out(self, node):
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) in (int, float, complex) else None
        if isinstance(node, ast.UnaryOp):
            parts = [self.value(node.operand)]
        elif isinstance(node, ast.BinOp):
            parts = [self.value(node.left), self.value(node.right)]
        else:
            return None
        operation = OPERATORS.get(type(node.op))
        if operation is None or None in parts or bits_of(node.op, *parts) > MOST_BITS:
            return None
        try:
            return operation(*parts)
        except (ArithmeticError, ValueError, TypeError):
            return None


def bits_of(operation, left, right=0):
    """At most so many bits has the result of an operation on whole numbers; 0 where it cannot grow."""
    if not (isinstance(left, int) and isinstance(right, int)):
        return 0
    if isinstance(operation, ast.Pow):
        return left.bit_length() * abs(right)
    if isinstance(operation, ast.LShift):
        return left.bit_length() + abs(right)
    return left.bit_length() + right.bit_length()
