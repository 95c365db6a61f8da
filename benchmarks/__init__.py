"""Every figure of speed and size that the course quotes, measured by `make benchmarks`.

Each module measures one thing and writes benchmarks/results/NAME.json; the website's
page "Measured" shows those files and nothing else. `ablations`, `complexity`, `memory`
and `thread` write book/data/NAME.json, which travels with the chapters that show it.
"""
