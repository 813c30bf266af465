"""Read a learner's source: the definitions that make up an answer, if all that they do is understood."""

import ast
import builtins
from collections.abc import Iterator

LONGEST, DEEPEST = 40_000, 60  # characters of a source, levels of its tree
MOST_NODES, MOST_DEFINED = 20_000, 2_500  # nodes of the tree, and of the definitions that are edited

PACKAGES = {
    *("numpy", "torch", "math", "cmath", "itertools", "functools", "operator", "copy", "statistics"),
    *("collections", "contextlib", "typing", "numbers", "scipy", "einops", "fractions", "abc"),
}
# They read, write, run, wait, or change what outlives the call.
FORBIDDEN = {
    *("compile", "load", "save", "savez", "savez_compressed", "savetxt", "loadtxt"),
    *("genfromtxt", "fromfile", "tofile", "memmap", "dump", "dumps", "loads", "hub", "multiprocessing"),
    *("distributed", "ctypeslib", "f2py", "cpp_extension", "compile_fx", "jit", "seed", "manual_seed"),
    *("set_state", "set_rng_state", "seterr", "seterrcall", "set_printoptions", "setbufsize", "cuda"),
    *("set_default_dtype", "set_default_device", "set_num_threads", "set_num_interop_threads"),
    *("use_deterministic_algorithms", "set_anomaly_enabled", "from_file", "share_memory_", "io"),
    *("register_module_forward_hook", "register_module_forward_pre_hook", "DataLoader", "cache"),
    *("lru_cache", "cycle", "datasets", "testing", "test", "show_config"),
}
FUNCTIONS = {
    *("open", "input", "exec", "eval", "globals", "locals", "vars", "breakpoint", "exit", "quit", "help"),
    *("memoryview", "delattr", "dir", "id"),
}
SPECIAL = {"__init__", "__class__", "__name__", "__call__", "__version__", "__len__", "__getitem__"}


class NotUnderstood(Exception):  # noqa: N818 - nothing is wrong with the answer
    """The source does something that must not be done over and over, or that cannot be followed."""


def definitions(source: str, name: str) -> ast.Module:
    """The imports and the definitions that `name` is made of, in order. Raises NotUnderstood."""
    found = bindings(parsed(source))
    if name not in found:
        raise NotUnderstood(f"{name} is not defined at the top of the source")
    wanted, waiting = {}, [name]
    while waiting:
        this = waiting.pop()
        if this in wanted:
            continue
        wanted[this] = found[this]
        waiting += [free for free in free_names(found[this]) if free in found]
    for statement in wanted.values():
        _understand(statement, set(wanted))
    if sum(1 for statement in wanted.values() for _ in ast.walk(statement)) > MOST_DEFINED:
        raise NotUnderstood("too large")
    unique = {id(statement): statement for statement in wanted.values()}
    return ast.Module(sorted(unique.values(), key=lambda s: s.lineno), [])


def parsed(source: str) -> ast.Module:
    """The tree of a source that is neither too long nor too deep."""
    if len(source) > LONGEST:
        raise NotUnderstood("too long")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotUnderstood("no Python") from None
    level, count = [tree], 0
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        count += len(level)
        if count > MOST_NODES:
            raise NotUnderstood("too large")
        if not level:
            return tree
    raise NotUnderstood("too deep")


def bindings(tree: ast.Module) -> dict[str, ast.stmt]:
    """What each name at the top of the source stands for: the last statement that binds it."""
    found: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            found[statement.name] = statement
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            found |= dict.fromkeys((_bound(alias) for alias in statement.names), statement)
        elif isinstance(statement, ast.Assign):
            targets = [t for t in statement.targets if isinstance(t, ast.Name)]
            found |= dict.fromkeys((t.id for t in targets), statement)
    return found


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def free_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement reads, its own among them."""
    return (n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _understand(statement: ast.stmt, known: set[str]) -> None:
    own = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in ast.walk(statement) if isinstance(n, ast.arg)}
    own |= {n.name for n in ast.walk(statement) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    own |= {n.name for n in ast.walk(statement) if isinstance(n, ast.ExceptHandler) and n.name}
    own |= {
        _bound(alias)
        for n in ast.walk(statement)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for alias in n.names
    }
    for node in ast.walk(statement):
        _understand_node(node, own | known)


def _understand_node(node: ast.AST, known: set[str]) -> None:
    match node:
        case ast.Import(names=names):
            ok = all(alias.name.partition(".")[0] in PACKAGES for alias in names)
            ok = ok and not any(part in FORBIDDEN for alias in names for part in alias.name.split("."))
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = [*(module or "").split("."), *(alias.name for alias in names)]
            ok = level == 0 and parts[0] in PACKAGES and "*" not in parts and not FORBIDDEN & {*parts}
        case ast.Name(id=name):
            ok = name in known or (
                hasattr(builtins, name) and name not in FUNCTIONS | FORBIDDEN and _plain(name)
            )
        case ast.Attribute(attr=attr):
            ok = attr not in FORBIDDEN and _plain(attr)
        case ast.Call(func=ast.Name(id=("getattr" | "setattr" | "hasattr")), args=[_, second, *_]):
            value = second.value if isinstance(second, ast.Constant) else None
            ok = not isinstance(value, str) or (value not in FORBIDDEN and _plain(value))
        case ast.Assign() | ast.FunctionDef() | ast.ClassDef():
            ok = True
        case _:
            ok = not isinstance(
                node, (ast.Global, ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.TryStar)
            )
    if not ok:
        raise NotUnderstood(ast.dump(node)[:80])


def _plain(name: str) -> bool:
    return not name.startswith("__") or name in SPECIAL
