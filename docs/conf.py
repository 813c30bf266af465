"""The course as a site: `make site`. Sphinx reads the repository as it is; nothing is executed.

The outputs of the notebooks are those that are committed, so a page shows what the tests compare.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "_ext"), str(DOCS.parent / "lite"), str(DOCS.parent)]

project = "Batch normalisation, by hand"
html_title = project

# The source folder is the repository, so that a relative link means the same on a forge and in the site.
# What is linked and is not a page, such as an exercise or the licence, can be downloaded from it.
root_doc = "docs/index"
include_patterns = ["*.md", "deploy/*.md", "docs/**", "notebooks/*.ipynb"]
exclude_patterns = ["README.md", ".*", "build", "dist", "node_modules", "**/_*", "**/.*"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "pages"]

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # no widget waits for a kernel: explorers are pictures, or work alone
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]  # a report carries itself as JSON, beside its HTML

autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_rtype = False
autodoc_mock_imports = [] if find_spec("triton") else ["triton"]
add_module_names = False
default_role = "code"
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!bn_course\.).*")]  # other projects' names: their sites are elsewhere

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0072B2", "color-brand-content": "#0072B2"},
    "dark_css_variables": {"color-brand-primary": "#56B4E9", "color-brand-content": "#56B4E9"},
}
html_copy_source = False
html_show_copyright = False
html_css_files = ["course.css"]
html_js_files = [("scrolling.js", {"loading_method": "defer"})]
html_favicon = "_static/favicon.svg"
pygments_dark_style = "a11y-dark"
html_extra_path = ["_root"]

# MathJax comes from a package, in one file with its fonts: a page loads nothing from other hosts.
MATHJAX = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
html_static_path = ["_static", str(MATHJAX / "tex-svg.js")]
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}  # its menu would load more

if repository := os.environ.get("GITHUB_REPOSITORY"):  # the workflow that publishes the site
    html_theme_options |= {
        "top_of_page_buttons": ["view"],
        "source_view_link": f"{os.environ['GITHUB_SERVER_URL']}/{repository}/blob/main/{{filename}}",
    }
