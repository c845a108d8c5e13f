"""How Sphinx makes the site; `tools/site.py` calls it."""

project = "gdlab"
author = "The gdlab authors"
extensions = ["myst_nb"]
html_theme = "furo"
html_title = "gdlab"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sphinx = False
nb_execution_mode = "off"  # the stored outputs are shown
nb_mime_priority_overrides = [("html", "text/html", 0)]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "myst.xref_missing"]
