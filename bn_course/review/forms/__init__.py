"""The inventory's items: a file for each of eight ideas, three items in each, the same in both forms.

The two forms draw other numbers of one template, so that they are equally difficult, and every wrong choice
stands for a belief that has a name in `beliefs.toml`.
"""
