"""Inlining of JavaScript modules: one text, with what was imported in the importer's place."""

import re

import pytest

from bn_course.live.plot import HERE, LivePlot, module_text

PARTS = {"drawing", "oblique"}  # what explorers import and nothing runs alone


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "main.js"


def test_a_module_without_imports_is_left_alone(tmp_path):
    text = "// σ\nexport function f() { return 1; }\nexport default { f };\n"
    assert module_text(write(tmp_path, main=text)) == text


def test_an_import_becomes_the_file_without_its_exports(tmp_path):
    main = write(
        tmp_path,
        main='import { one, two } from "./low.js";\nexport const three = one + two();\n',
        low="export const one = 1;\nexport function two() {\n  return 2;\n}\nconst own = 'export';\n",
    )
    assert module_text(main) == (
        "const one = 1;\nfunction two() {\n  return 2;\n}\nconst own = 'export';\n"
        "export const three = one + two();\n"
    )


def test_imports_are_followed_from_the_folder_of_the_importing_file(tmp_path):
    (tmp_path / "live").mkdir()
    write(
        tmp_path / "live",
        shell='import {\n  a,\n} from "./deep.js";\nexport const b = a;\n',
        deep="export const a = 1;\n",
    )
    main = write(tmp_path, main='import { b } from "./live/shell.js";\nexport default { b };\n')
    assert module_text(main) == "const a = 1;\nconst b = a;\nexport default { b };\n"


def test_only_an_import_at_the_start_of_a_line_is_one(tmp_path):
    text = '// import { a } from "./nowhere.js";\nexport const b = 1;\n'
    assert module_text(write(tmp_path, main=text)) == text


def test_a_module_that_is_missing_is_said_by_name(tmp_path):
    main = write(tmp_path, main='import { a } from "./nowhere.js";\n')
    with pytest.raises(FileNotFoundError, match=r"nowhere\.js"):
        module_text(main)


def test_every_explorer_in_the_browser_is_one_self_contained_module():
    """anywidget loads it from a blob, where no relative import could be found."""
    for path in [*HERE.glob("*.js"), *(HERE.parent / "explorers").glob("*.js")]:
        text = module_text(path)
        assert not re.search(r"^\s*import\b.*[\"']\./", text, flags=re.M), path.name
        runs = len(re.findall(r"^export default\b", text, flags=re.M))
        assert runs == (path.stem not in PARTS), path.name
        declared = re.findall(r"^(?:export )?(?:const|let|function|class) (\w+)", text, flags=re.M)
        assert len(declared) == len(set(declared)), f"{path.name} declares a name twice"


def test_the_shell_is_what_explorers_run():
    assert LivePlot._esm.strip() == module_text(HERE / "shell.js").strip()
