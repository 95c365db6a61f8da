# ruff: noqa
# tries: 20 MB of saved outputs
# marks: 5
# status: graded
# aims: class


def change(notebook):
    by_id(notebook, "share")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}
    ]
