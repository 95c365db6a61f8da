# ruff: noqa
# tries: asks for a kernel that there is not
# marks: 5
# status: graded
# aims: class


def change(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "bash", "display_name": "Bash"}
