"""nbgrader's settings: where this course keeps what. Its commands run from here."""

from pathlib import Path

c = get_config()
root = Path(__file__).resolve().parent
(root / "build").mkdir(exist_ok=True)  # the gradebook's folder

# PostgreSQL, unlike SQLite, refuses an assignment that is of no course.
c.CourseDirectory.course_id = "attention"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "build/submitted"
c.CourseDirectory.autograded_directory = "build/autograded"
c.CourseDirectory.feedback_directory = "build/feedback"
c.CourseDirectory.solution_directory = "build/solution"
c.CourseDirectory.source_with_tests_directory = "build/source_with_tests"
c.CourseDirectory.db_url = f"sqlite:///{root / 'build' / 'gradebook.db'}"

# Students' code runs behind the wall, the tests apart from it. With False, `nbgrader
# autograde` and formgrader run it as you, your files at hand: only if you trust it.
WALLED = True
if WALLED:
    from autograder.nbgrader_execute import use

    use(c)

# Pages of feedback in which nothing of a student's runs and no hidden test shows, and
# a formgrader in which no answer runs with the rights of the person who marks it. And
# a table of marks in which "Müller, Zoë" is one column.
if (root / "autograder" / "feedback").is_dir():
    c.GenerateFeedback.exporter_class = "autograder.feedback.exporter.FeedbackExporter"
    c.ExportApp.plugin_class = "autograder.gradebook.table.QuotedCsv"
    c.HTMLExporter.filters = {"markdown2html": "autograder.feedback.clean.for_marking"}
