# ruff: noqa
# tries: shows HTML with a script, an event handler and a link that runs code
# marks: 10
# status: graded
# aims: class

# %% total
try:
    from IPython.display import HTML, display

    display(HTML("<script>document.title='x'</script><img src=x onerror=alert(1)>"))
    display(HTML("<a href='javascript:alert(1)'>marks</a><iframe src='//x'></iframe>"))
except ImportError:
    pass


def total(x, axis=-1):
    return np.asarray(x).sum(axis)
