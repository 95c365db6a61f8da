"""Seconds per graded submission with nbgrader's own autograde command."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.record import ROOT, record

STUDENTS = 5
