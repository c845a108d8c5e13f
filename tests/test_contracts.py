"""What holds for the whole package, read from its source: documented, quiet, without hidden state."""

import ast
import inspect
import subprocess
import sys
import types
from pathlib import Path

import pytest

import gdlab

PACKAGE = Path(gdlab.__file__).parent
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text() for path in sorted(PACKAGE.rglob("*.py"))
}
TREES = {name: ast.parse(source) for name, source in SOURCES.items()}

every_module = pytest.mark.parametrize("name", TREES)


# --- names and docstrings ------------------------------------------------------------------------


CORE = {f"{name}.py" for name in ("closed_form", "data", "gradients", "landscapes", "losses")}
CORE |= {f"{name}.py" for name in ("models", "schedules", "sweeps")}


def test_all_lists_what_the_package_imports_and_the_modules_of_its_core():
    imports = [node for node in TREES["__init__.py"].body if isinstance(node, ast.ImportFrom)]
    imported = {alias.name for node in imports if node.module != "importlib" for alias in node.names}
    modules = {name.removesuffix(".py") for name in CORE}
    assert sorted(imported | modules) == gdlab.__all__  # in order, each once
    assert set(TREES) >= CORE and set(dir(gdlab)) >= set(gdlab.__all__)
    assert all(getattr(gdlab, name).__name__ == f"gdlab.{name}" for name in modules)


def test_a_name_that_is_none_is_said():
    with pytest.raises(AttributeError, match="module 'gdlab' has no attribute 'landscape'"):
        _ = gdlab.landscape


@every_module
def test_every_public_class_and_function_has_a_docstring(name):
    public = [
        node
        for node in TREES[name].body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert ast.get_docstring(TREES[name]), f"{name} has no docstring"
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def methods():
    """(name, function) of every public method and property of what `import gdlab` brings."""
    named = {name: getattr(gdlab, name) for name in gdlab.__all__}
    for module in ({**vars(gdlab), **named}).values():
        if isinstance(module, types.ModuleType):
            for kind in vars(module).values():
                own = isinstance(kind, type) and kind.__module__ == module.__name__
                if own and not getattr(kind, "_is_protocol", False):  # a protocol says it in one place
                    for name, member in vars(kind).items():
                        if not name.startswith("_") and isinstance(
                            member, types.FunctionType | property
                        ):
                            yield f"{kind.__module__}.{kind.__name__}.{name}", member


def test_every_public_method_has_a_docstring_of_its_own_or_of_its_base():
    found = dict(methods())
    assert len(found) > 50  # the walk over the package finds something
    assert [name for name, member in found.items() if not inspect.getdoc(member)] == []


# --- importing -----------------------------------------------------------------------------------


def test_import_gdlab_needs_numpy_only():
    code = "import sys, gdlab; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    loaded = set(result.stdout.split())
    assert {"gdlab", "numpy"} <= loaded
    assert loaded & {"matplotlib", "ipywidgets", "anywidget", "traitlets", "IPython", "tqdm"} == set()


# --- no hidden state, nothing that runs text ------------------------------------------------------

SEEDED = {"default_rng", "Generator"}  # all of np.random that keeps no global state
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "joblib", "marshal", "shelve"}


def offences(tree):
    """Every use of global randomness, of text as code, of pickles, and of `global`."""
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith(
            ("np.random", "numpy.random")
        ):
            if node.attr not in SEEDED:
                yield f"{text}: the global generator"
            elif node.attr == "default_rng" and id(node) not in inside:
                yield f"{text}: a generator shared by the whole module"
        elif isinstance(node, ast.Name) and text in {"eval", "exec", "compile", "__import__"}:
            yield f"{text}: text run as code"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            for module in modules:
                if module.split(".")[0] in PICKLES | {"random"} or module == "numpy.random":
                    yield f"import of {module}"
        elif isinstance(node, ast.Global):
            yield f"global {', '.join(node.names)}"
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if ast.unparse(node.value) != "False":
                yield "allow_pickle"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("random.default_rng"):
            if not node.args and not node.keywords:
                yield "default_rng(): a generator without a seed"


@every_module
def test_nothing_hidden(name):
    assert list(offences(TREES[name])) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import numpy as np\nnp.random.seed(0)",
        "def f():\n    return np.random.normal(size=3)",
        "rng = np.random.default_rng(0)",
        "class A:\n    rng = numpy.random.default_rng(0)",
        "def f():\n    return np.random.default_rng()",
        "def f():\n    return np.random.RandomState(0)",
        "from numpy.random import normal",
        "import random",
        "from random import choice",
        "eval('1')",
        "def f(x):\n    exec(x)",
        "import pickle",
        "from pickle import loads",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=flag)",
        "def f():\n    global count\n    count = 1",
    ],
    ids=lambda source: source.splitlines()[-1].strip(),
)
def test_the_search_finds_what_is_planted(planted):
    assert list(offences(ast.parse(planted)))


def test_the_search_lets_a_seeded_generator_pass():
    allowed = "def f(seed):\n    return np.random.default_rng(seed), np.load(seed, allow_pickle=False)"
    assert list(offences(ast.parse(allowed))) == []
