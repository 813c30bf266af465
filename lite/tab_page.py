"""A page of the browser edition, driven as the tests of JupyterLab drive theirs."""

from lab import Lab

STREAM_AND_DATA = """index => window.bnPanel.content.widgets[index].model.outputs.toJSON()"""


class Tab(Lab):
    """A notebook of the browser edition: `server` has an `address`."""

    def show(self, path: str, dark: bool = False) -> None:
        self.page.goto(f"{self.server.address}/lab/index.html?path={path}", wait_until="domcontentloaded")
        self.page.wait_for_function("window.jupyterapp?.restored")
        self.page.evaluate(
            """async path => {
                await window.jupyterapp.restored;
                window.bnPanel = await window.jupyterapp.commands.execute('docmanager:open', {path});
                await window.bnPanel.context.ready;
            }""",
            path,
        )

    def index(self, cell_id: str) -> int:
        """Where a cell is."""
        return self.page.evaluate(
            "id => window.bnPanel.content.widgets.findIndex(cell => cell.model.id === id)", cell_id
        )

    def cells(self) -> list[str]:
        """The cells' ids, from top to bottom."""
        return self.page.evaluate("window.bnPanel.content.widgets.map(cell => cell.model.id)")

    def source(self, cell_id: str) -> str:
        return self.page.evaluate(
            "i => window.bnPanel.content.widgets[i].model.sharedModel.source", self.index(cell_id)
        )

    def write(self, cell_id: str, source: str) -> None:
        """Type a cell's source."""
        self.page.evaluate(
            "([i, text]) => window.bnPanel.content.widgets[i].model.sharedModel.setSource(text)",
            [self.index(cell_id), source],
        )

    def run(self, *cell_ids: str) -> list[dict]:
        """Run cells; returns the outputs of the last."""
        for cell_id in cell_ids:
            self.run_cell(self.index(cell_id))
        return self.outputs(cell_ids[-1])

    def outputs(self, cell_id: str) -> list[dict]:
        return self.page.evaluate(STREAM_AND_DATA, self.index(cell_id))

    def save(self) -> None:
        self.page.evaluate("window.bnPanel.context.save()")


def shown(outputs: list[dict]) -> str:
    """What outputs say, as text."""
    parts = []
    for output in outputs:
        data = output.get("data", {})
        text = output.get("text") or data.get("text/html") or data.get("text/plain") or ""
        parts.append("".join(text) or f"{output.get('ename', '')}: {output.get('evalue', '')}")
    return "\n".join(parts)
