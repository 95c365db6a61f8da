# ruff: noqa
# tries: a link to nowhere
# marks: 0
# status: rejected
# aims: class


def place(folder, path):
    path.symlink_to("nowhere")
