"""Every figure of speed and size that the course quotes, measured by `make benchmarks`.

Each module measures one thing and writes benchmarks/results/NAME.json; the website's
page "Measured" shows those files and nothing else. What a chapter shows and takes along
when it is downloaded goes into book/data/NAME.json: `complexity`, `thread`.
"""
