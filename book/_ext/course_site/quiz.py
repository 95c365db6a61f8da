"""The `{quiz}` directive: a question whose every option answers with its reason.

Without JavaScript an option is a disclosure that opens. The script `quiz.js` turns it
into a button and announces the reason.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
MARK = re.compile(r"\A\[([ xX])\]\s+")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class quiz(nodes.General, nodes.Element):
    """A question and its options."""


class quiz_question(nodes.Part, nodes.Element):
    """The text of the question."""


class quiz_option(nodes.Part, nodes.Element):
    """One option, right or wrong."""


class quiz_choice(nodes.Part, nodes.TextElement):
    """What the option says."""


class quiz_reason(nodes.Part, nodes.Element):
    """Why the option is right or wrong."""


class WrongQuiz(ValueError):
    """The structure of a quiz is not what CONTRIBUTING.md asks for."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Keep the line where the fault is."""
        super().__init__(message)
        self.line = line


class QuizDirective(SphinxDirective):
    """Read a quiz: paragraphs, then a list of options with their reasons."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the quiz, or warn with file and line and return nothing."""
        name = self.arguments[0]
        try:
            self._claim(name)
            return [self._read(name)]
        except WrongQuiz as error:
            where = (self.env.docname, error.line or self.lineno)
            LOGGER.warning("quiz %s: %s", name, error, location=where, type="quiz")
            return []

    def _claim(self, name: str) -> None:
        """Register the quiz's id, which is unique in the book."""
        if not ID.fullmatch(name):
            raise WrongQuiz("the id must be lower-case words joined by hyphens")
        here = (self.env.docname, self.lineno)
        first = _known_quizzes(self.env).setdefault(name, here)
        if first != here:
            path = self.env.doc2path(first[0], base=False)
            raise WrongQuiz(f"the id is taken by {path}:{first[1]}: choose another")

    def _read(self, name: str) -> quiz:
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        if not body.children or not isinstance(body[-1], nodes.bullet_list):
            raise WrongQuiz("it must end with the list of its options")
        if len(body) < 2 or not all(isinstance(n, nodes.Element) for n in body):
            raise WrongQuiz("the question is missing: a paragraph before the list")
        options = [_read_option(item) for item in body[-1]]
        if len(options) < 2:
            raise WrongQuiz("one option is no choice: give at least two", body[-1].line)
        if not any(option["right"] for option in options):
            raise WrongQuiz("no option is right: mark one with [x]", body[-1].line)
        anchor = f"quiz-{name}"
        node = quiz("", quiz_question("", *body[:-1]), *options, ids=[anchor])
        self.set_source_info(node)
        domain = self.env.get_domain("std")
        domain.anonlabels[anchor] = self.env.docname, anchor
        domain.labels[anchor] = self.env.docname, anchor, "the quiz"
        return node


def _read_option(item: nodes.list_item) -> quiz_option:
    """Turn a list item into an option, or say what it lacks."""
    line = item.line or next((n.line for n in item.findall() if n.line), None)
    first = item[0] if len(item) else None
    text = first[0] if isinstance(first, nodes.paragraph) and len(first) else None
    mark = MARK.match(str(text)) if isinstance(text, nodes.Text) else None
    if mark is None:
        raise WrongQuiz("an option must start with [x] or [ ]", line)
    first[0] = nodes.Text(str(text)[mark.end() :])
    if len(item) < 2:
        raise WrongQuiz(
            f"the option {first.astext()!r} gives no reason: add a paragraph to it",
            line,
        )
    choice = quiz_choice("", "", *first.children)
    reason = quiz_reason("", *item[1:])
    return quiz_option("", choice, reason, right=mark.group(1) in "xX")


def _known_quizzes(env: BuildEnvironment) -> dict[str, tuple[str, int]]:
    if not hasattr(env, "course_quizzes"):
        env.course_quizzes = {}
    return env.course_quizzes


def _forget_quizzes(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    quizzes = _known_quizzes(env)
    for name in [n for n, (where, _) in quizzes.items() if where == docname]:
        del quizzes[name]


def _merge_quizzes(
    app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment
) -> None:
    _known_quizzes(env).update(
        {n: where for n, where in _known_quizzes(other).items() if where[0] in docnames}
    )


def _visit_quiz(self: HTML5Translator, node: quiz) -> None:
    anchor = node["ids"][0]
    self.body.append(
        f'<div class="quiz" role="group" id="{anchor}" '
        f'aria-labelledby="{anchor}-question">\n'
    )


def _visit_question(self: HTML5Translator, node: quiz_question) -> None:
    anchor = node.parent["ids"][0]
    self.body.append(f'<div class="quiz-question" id="{anchor}-question">\n')


def _visit_option(self: HTML5Translator, node: quiz_option) -> None:
    right = "true" if node["right"] else "false"
    self.body.append(f'<details class="quiz-option" data-right="{right}">\n')


def _visit_choice(self: HTML5Translator, node: quiz_choice) -> None:
    self.body.append('<summary class="quiz-choice">')


def _visit_reason(self: HTML5Translator, node: quiz_reason) -> None:
    right = node.parent["right"]
    verdict = "Right." if right else "Not this one."
    self.body.append(
        f'<div class="quiz-reason"><p class="quiz-verdict">{verdict}</p>\n'
    )


def close_tag(tag: str) -> object:
    """Return what a writer does when it leaves a node."""

    def depart(self: HTML5Translator, node: nodes.Node) -> None:
        self.body.append(f"</{tag}>\n")

    return depart


def setup(app: Sphinx) -> None:
    """Add the directive, its nodes and its script."""
    app.add_directive("quiz", QuizDirective)
    app.add_node(quiz, html=(_visit_quiz, close_tag("div")))
    app.add_node(quiz_question, html=(_visit_question, close_tag("div")))
    app.add_node(quiz_option, html=(_visit_option, close_tag("details")))
    app.add_node(quiz_choice, html=(_visit_choice, close_tag("summary")))
    app.add_node(quiz_reason, html=(_visit_reason, close_tag("div")))
    app.add_js_file("quiz.js", loading_method="defer")
    app.connect("env-purge-doc", _forget_quizzes)
    app.connect("env-merge-info", _merge_quizzes)
