// What the pages do: the contents on the right, copy buttons and the search. Nothing is fetched
// until somebody searches; the index is then made of the pages themselves, so it cannot be stale.

const main = document.querySelector("main");
const headings = [...main.querySelectorAll("h2[id], h3[id]")];

function addAnchors() {
  for (const heading of headings) {
    const anchor = document.createElement("a");
    anchor.className = "anchor";
    anchor.href = `#${heading.id}`;
    anchor.textContent = "#";
    anchor.setAttribute("aria-label", `Link to “${heading.textContent}”`);
    heading.append(anchor);
  }
}

function fillContents() {
  const list = document.querySelector(".toc ul");
  if (!list) return;
  const links = new Map();
  for (const heading of headings.filter((each) => each.tagName === "H2")) {
    const link = document.createElement("a");
    link.href = `#${heading.id}`;
    link.textContent = heading.textContent;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
    links.set(heading, link);
  }
  const mark = () => {
    const passed = [...links.keys()].filter((each) => each.getBoundingClientRect().top < 120);
    const here = passed.at(-1) ?? links.keys().next().value;
    for (const [heading, link] of links) link.classList.toggle("here", heading === here);
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll("pre[data-copy]")) {
    const button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = block.querySelector("code").cloneNode(true);
      for (const skipped of code.querySelectorAll(".p, .o")) skipped.remove();
      await navigator.clipboard.writeText(code.textContent.trim() + "\n");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    block.append(button);
  }
}

// --- search ------------------------------------------------------------------

/** One entry a section: its page, heading, address and text. */
async function loadIndex() {
  const sitemap = await (await fetch("/sitemap.xml")).text();
  const addresses = [...sitemap.matchAll(/<loc>(.*?)<\/loc>/g)].map((match) => match[1]);
  const pages = await Promise.all(
    addresses.map(async (address) => {
      const path = new URL(address).pathname;
      const answer = await fetch(path);
      return answer.ok ? sectionsOf(path, await answer.text()) : [];
    }),
  );
  return pages.flat();
}

function sectionsOf(path, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const title = page.title.split(/ · |: /)[0];
  const sections = [{ page: title, title, address: path, text: "" }];
  const blocks = page.querySelectorAll("main :is(h2, h3, p, li, td, th, dt, dd, pre)");
  for (const block of blocks) {
    if (block.closest(".pager")) continue;
    if (block.matches("h2, h3")) {
      const address = block.id ? `${path}#${block.id}` : path;
      sections.push({ page: title, title: block.textContent, address, text: "" });
    } else {
      sections.at(-1).text += ` ${block.textContent.replace(/\s+/g, " ").trim()}`;
    }
  }
  return sections;
}

/** Every word must occur; words in a heading, and words that start there, count for more. */
function find(index, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const scored = [];
  for (const section of index) {
    const title = section.title.toLowerCase();
    const text = section.text.toLowerCase();
    let score = 0;
    for (const word of words) {
      const inTitle = title.includes(word);
      if (!inTitle && !text.includes(word)) {
        score = 0;
        break;
      }
      score += inTitle ? (title.startsWith(word) ? 12 : 8) : 1;
    }
    // The front page only repeats what others explain.
    if (section.address.startsWith("/#") || section.address === "/") score *= 0.5;
    if (score > 0) scored.push({ section, score });
  }
  scored.sort((a, b) => b.score - a.score);
  return scored.slice(0, 12).map((each) => ({ ...each.section, words }));
}

function excerpt({ text, words }) {
  const at = words.map((word) => text.toLowerCase().indexOf(word)).find((each) => each >= 0) ?? 0;
  const start = at < 50 ? 0 : text.lastIndexOf(" ", at - 40) + 1;
  const piece = text.slice(start, start + 150);
  return (start > 0 ? "…" : "") + (piece.length < 150 ? piece.trim() : piece.replace(/\s\S*$/, "…"));
}

function highlighted(text, words) {
  const span = document.createElement("span");
  const pattern = new RegExp(`(${words.map((w) => w.replace(/[^\w]/g, "\\$&")).join("|")})`, "i");
  text.split(pattern).forEach((piece, position) => {
    const node = document.createElement(position % 2 === 1 ? "mark" : "span");
    node.textContent = piece;
    span.append(position % 2 === 1 ? node : piece);
  });
  return span;
}

class Search {
  constructor(dialog) {
    this.dialog = dialog;
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector(".results");
    this.hint = dialog.querySelector(".search-hint");
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest(".results a")) dialog.close();
    });
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.input.select();
    this.index ??= loadIndex();
    this.show();
  }

  async show() {
    const query = this.input.value;
    const found = find(await this.index, query);
    if (query !== this.input.value) return;
    this.list.replaceChildren(...found.map((each) => this.row(each)));
    this.hint.hidden = found.length > 0;
    this.hint.textContent = query.trim() ? `Nothing about “${query.trim()}”.` : "Type to search all pages.";
    this.choose(0);
  }

  row(section) {
    const link = document.createElement("a");
    link.href = section.address;
    const title = document.createElement("b");
    title.textContent = section.page === section.title ? section.title : `${section.page} › ${section.title}`;
    link.append(title, highlighted(excerpt(section), section.words));
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  choose(position) {
    const links = [...this.list.querySelectorAll("a")];
    this.chosen = links.length ? (position + links.length) % links.length : 0;
    links.forEach((link, each) => link.classList.toggle("chosen", each === this.chosen));
    links[this.chosen]?.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (event.key === "ArrowDown") this.choose(this.chosen + 1);
    else if (event.key === "ArrowUp") this.choose(this.chosen - 1);
    else if (event.key === "Enter") this.list.querySelector("a.chosen")?.click();
    else return;
    event.preventDefault();
  }
}

fillContents();
addAnchors();
addCopyButtons();

const search = new Search(document.querySelector("dialog.search"));
document.querySelector(".search-button").addEventListener("click", () => search.open());
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea");
  const shortcut = (event.key === "/" && !typing) || (event.key === "k" && (event.metaKey || event.ctrlKey));
  if (!shortcut) return;
  event.preventDefault();
  search.open();
});
