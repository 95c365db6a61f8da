"""stand-in"""
import time
from autograder.grading.job import Report
from autograder.split.outcome import CellOutcome
class StandIn:
    def __init__(self, sandbox="bwrap"): pass
    def __enter__(self): return self
    def __exit__(self,*_): pass
    def check(self, submission, assignment, job):
        return Report(tuple(CellOutcome(c.id,"passed",c.points,c.points) for c in assignment.role("test")))
