"""The `{predict}` directive: a question, and an answer that waits until it is opened.

The two are parted by a line of three hyphens. The answer is a disclosure, so it opens
without JavaScript, by keyboard too.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from .quiz import close_tag

LOGGER = logging.getLogger(__name__)
OPEN = "Compare your answer"


class predict(nodes.General, nodes.Element):
    """A question and its answer."""


class predict_answer(nodes.Part, nodes.Element):
    """What the reader opens."""


class PredictDirective(SphinxDirective):
    """Read a question, three hyphens, an answer."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return question and answer, or warn with file and line."""
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        cuts = [i for i, node in enumerate(body) if isinstance(node, nodes.transition)]
        if len(cuts) != 1 or cuts[0] in (0, len(body) - 1):
            LOGGER.warning(
                "predict: write a question, a line of three hyphens, and an answer",
                location=(self.env.docname, self.lineno),
                type="predict",
            )
            return []
        parts = list(body)
        answer = predict_answer("", *parts[cuts[0] + 1 :])
        node = predict("", *parts[: cuts[0]], answer)
        self.set_source_info(node)
        return [node]


def split_prediction(body: str) -> tuple[str, str]:
    """Return the question and the answer of a directive's text."""
    question, _, answer = f"\n{body}\n".partition("\n---\n")
    return question.strip(), answer.strip()


def _visit_predict(self: HTML5Translator, node: predict) -> None:
    self.body.append(
        '<div class="predict" role="group" aria-label="Predict">\n'
        '<p class="predict-title">Predict</p>\n'
    )


def _visit_answer(self: HTML5Translator, node: predict_answer) -> None:
    self.body.append(f"<details><summary>{OPEN}</summary>\n")


def setup(app: Sphinx) -> None:
    """Add the directive and its nodes."""
    app.add_directive("predict", PredictDirective)
    app.add_node(predict, html=(_visit_predict, close_tag("div")))
    app.add_node(predict_answer, html=(_visit_answer, close_tag("details")))
