"""How many actions a finding's program plays: what a person has to follow to see the fault.

Counted from the program's text. A loop counts as often as it runs, the loop over two environments twice.
"""

import ast


class Uncountable(Exception):
    """How often a part of the program runs cannot be told from its text."""


def count_actions(program: str) -> int | None:
    """The calls of `step` that running the program makes; None where the text does not tell."""
    try:
        return _Counter().block(ast.parse(program).body)
    except (SyntaxError, Uncountable):
        return None


class _Counter:
    def __init__(self) -> None:
        self.lengths: dict[str, int] = {}  # of lists that were given a name
        self.functions: dict[str, int] = {}  # actions in a call

    def block(self, statements: list[ast.stmt]) -> int:
        return sum(self.statement(statement) for statement in statements)

    def statement(self, node: ast.stmt) -> int:
        match node:
            case ast.FunctionDef():
                self.functions[node.name] = self.block(node.body)
                return 0
            case ast.ClassDef() | ast.Import() | ast.ImportFrom():
                return 0
            case ast.For():
                each = self.block(node.body)
                return (self.length(node.iter) * each if each else 0) + self.block(node.orelse)
            case ast.While():
                return self._unless_it_steps(self.block(node.body))
            case ast.If():
                return self.expression(node.test) + max(self.block(node.body), self.block(node.orelse))
            case ast.With():
                return self.block(node.body)
            case ast.Try():
                return self.block([*node.body, *node.orelse, *node.finalbody])
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._remember(name, value)
        return self.expression(node)

    def expression(self, node: ast.AST) -> int:
        """The calls in an expression, those of a comprehension as often as it runs."""
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            each = sum(self.expression(child) for child in ast.iter_child_nodes(node))
            for generator in node.generators if each else ():
                each *= self.length(generator.iter)
            return each
        own = 0
        match node:
            case ast.Call(func=ast.Attribute(attr="step")):
                own = 1
            case ast.Call(func=ast.Name(id=name)):
                own = self.functions.get(name, 0)
        return own + sum(self.expression(child) for child in ast.iter_child_nodes(node))

    def length(self, node: ast.expr) -> int:
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return sum(self.length(e.value) if isinstance(e, ast.Starred) else 1 for e in elements)
            case ast.Constant(value=str(text)):
                return len(text)
            case ast.Name(id=name) if name in self.lengths:
                return self.lengths[name]
            case ast.BinOp(op=ast.Mult(), left=one, right=ast.Constant(value=int(times))):
                return self.length(one) * times
            case ast.BinOp(op=ast.Add(), left=one, right=other):
                return self.length(one) + self.length(other)
            case ast.Call(func=ast.Name(id="range"), args=args):
                return len(range(*(_integer(argument) for argument in args)))
            case ast.Call(func=ast.Name(id="zip"), args=args) if args:
                return min(self.length(argument) for argument in args)
            case ast.Call(func=ast.Name(id="enumerate" | "list" | "reversed" | "sorted"), args=[inner, *_]):
                return self.length(inner)
        raise Uncountable(ast.unparse(node))

    def _remember(self, name: str, value: ast.expr) -> None:
        self.lengths.pop(name, None)
        try:
            self.lengths[name] = self.length(value)
        except Uncountable:
            return

    def _unless_it_steps(self, actions: int) -> int:
        if actions:
            raise Uncountable("a while loop")
        return 0


def _integer(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
    raise Uncountable(ast.unparse(node))
