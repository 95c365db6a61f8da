# ruff: noqa
# tries: an archive
# marks: 0
# status: rejected
# aims: class


def change(notebook):
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../marker", bytes(10_000_000))
    return made.getvalue()
