/* What Sphinx's search lacks in this theme: on the search page, summaries of a page's text
   alone and links that carry the words; on the page, the words marked, and a way to
   take the marks away. */
const KEPT = "sphinx_highlight_terms"; // where Sphinx's search leaves the words
const NO_TEXT =
  "script, style, noscript, button, svg, .headerlink, figure.interactive, " +
  "details.hide, .quiz-verdict, .assignment-download";
const NOT_MARKED =
  "script, style, noscript, button, select, textarea, svg, math, " +
  ".headerlink, figure.interactive";

function takeWords() {
  try {
    const words = localStorage.getItem(KEPT) ?? "";
    localStorage.removeItem(KEPT);
    return words;
  } catch {
    return "";  // a browser that keeps nothing
  }
}

/* --- the search page ------------------------------------------------------ */

function readText(html, anchor) {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll(NO_TEXT).forEach((part) => part.remove());
  const place = anchor ? page.getElementById(anchor.slice(1)) : null;
  const said = place?.matches("dt") ? place.nextElementSibling : place; // a term's meaning
  const text = (said || page.querySelector("article") || page.body).textContent;
  return text.replace(/\s+/g, " ").trim() || " ";
}

function carryWords(results) {
  let words = "";
  new MutationObserver(() => {
    words = takeWords() || words;
    for (const link of results.querySelectorAll("ul.search > li > a")) {
      const url = new URL(link.href);
      if (words && !url.searchParams.has("highlight")) {
        url.searchParams.set("highlight", words);
        link.href = url.href;
      }
    }
  }).observe(results, { childList: true, subtree: true });
}

/* --- a page that was found ------------------------------------------------ */

function askedWords() {
  const url = new URL(location.href);
  const words = url.searchParams.get("highlight") || takeWords();
  if (url.searchParams.has("highlight")) {
    url.searchParams.delete("highlight");
    history.replaceState({}, "", url);
  }
  return [...new Set(words.toLowerCase().split(/\s+/).filter((word) => word))];
}

/* Yields where a text has one of the words, or, as the search does, a word of its stem. */
function* findPlaces(text, words, stem) {
  const exact = new Set(words);
  const stems = new Set(words.map(stem));
  for (const { 0: whole, index } of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    const lower = whole.toLowerCase();
    const part = words.find((word) => word.length > 2 && lower.includes(word));
    if (part && lower.length === whole.length) {
      const start = index + lower.indexOf(part);
      yield [start, start + part.length];
    } else if (exact.has(lower) || stems.has(stem(lower))) {
      yield [index, index + whole.length];
    }
  }
}

function markText(node, places) {
  const marks = [];
  for (const [start, end] of places.toReversed()) {
    const mark = document.createElement("span");
    mark.className = "highlighted";
    const found = node.splitText(start);
    found.splitText(end - start);
    found.replaceWith(mark);
    mark.append(found);
    marks.unshift(mark);
  }
  return marks;
}

function markWords(article, words) {
  const stemmer = typeof Stemmer === "undefined" ? null : new Stemmer();
  const stem = (word) => (stemmer ? stemmer.stemWord(word) : word);
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  return texts
    .filter((text) => !text.parentElement.closest(NOT_MARKED))
    .flatMap((text) => markText(text, [...findPlaces(text.data, words, stem)]));
}

function offerRemoval(article, words, marks) {
  const box = document.createElement("p");
  box.className = "search-marks";
  box.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Remove the marks";
  const times = marks.length === 1 ? "once" : `${marks.length} times`;
  box.append(`“${words.join(" ")}” is marked ${times}. `, button);
  const remove = () => {
    for (const mark of marks) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent.normalize();
    }
    box.remove();
    document.removeEventListener("keydown", leave);
  };
  const leave = (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) remove();
  };
  button.addEventListener("click", remove);
  document.addEventListener("keydown", leave);
  article.prepend(box);
}

/* The search's own knowledge of words; pages that nobody searched don't load it. */
function loadStemmer() {
  const script = document.createElement("script");
  script.src = `${document.documentElement.dataset.content_root}_static/language_data.js`;
  const loaded = new Promise((done) => {
    script.addEventListener("load", done);
    script.addEventListener("error", done);
  });
  document.head.append(script);
  return loaded;
}

function showWords(words) {
  const marks = markWords(article, words);
  if (marks.length) offerRemoval(article, words, marks);
}

const results = document.getElementById("search-results");
const article = document.querySelector("article.bd-article");
if (results && typeof Search !== "undefined") {
  Search.htmlToText = readText;
  carryWords(results);
} else if (article) {
  const words = askedWords();
  if (words.length) loadStemmer().then(() => showWords(words));
}
