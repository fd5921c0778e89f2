"""An HTML page as a test sees it: its tags, its texts, and nothing left open."""

from html.parser import HTMLParser

UNCLOSED = {"meta", "img", "br", "path"}


class Page(HTMLParser):
    """What is on it."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags, self.open, self.texts = [], [], []
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in UNCLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag == "path"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style" and data.strip():
            self.texts.append((self.open[-1], data.strip()))

    def headings(self):
        return [f"{tag} {text}" for tag, text in self.texts if tag[1:].isdigit()]

    def attributes(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self):
        return " ".join(" ".join(text for _, text in self.texts).split())
