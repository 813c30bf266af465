// What JupyterLab leaves out of figures:
//
// - A picture's alternative text, which stands in the output's metadata, for screen readers.
// - A saved figure whose kernel is gone. JupyterLab writes "Error displaying widget" where a live figure
//   was; the picture or the text that is stored beside it is shown instead.
//
// A prebuilt extension as JupyterLab loads it (module federation), written by hand: there is nothing to build.
{
  const LIVE = "application/vnd.jupyter.widget-view+json";
  let scope;
  const shared = async (name) => (await Object.values(scope[name])[0].get())();

  function describing(RenderedImage) {
    return class extends RenderedImage {
      async render(model) {
        await super.render(model);
        const { alt } = model.metadata["image/png"] ?? {};
        if (alt) this.node.querySelector("img").alt = alt;
      }
    };
  }

  function liveOutputs(notebook) {
    const outputs = [...notebook.cells].filter(({ type }) => type === "code").flatMap((cell) =>
      Array.from({ length: cell.outputs.length }, (_, i) => cell.outputs.get(i)));
    return outputs.filter(({ data }) => data[LIVE]?.model_id);
  }

  async function showStored({ context, sessionContext }) {
    await Promise.all([context.ready, sessionContext.ready]);
    const saved = liveOutputs(context.model).map((output) => [output, output.data[LIVE].model_id]);
    if (!saved.length || context.model.getMetadata("widgets")) return; // their state is in the file
    const kernel = sessionContext.session?.kernel;
    const answer = await kernel?.requestCommInfo({ target_name: "jupyter.widget" });
    const alive = answer?.content.comms ?? {};
    for (const [output, id] of saved) {
      if (id in alive || output.data[LIVE]?.model_id !== id) continue; // it lives, or was run again meanwhile
      const { [LIVE]: gone, ...data } = output.data;
      output.setData({ data });
    }
  }

  async function makePlugin() {
    const { IRenderMimeRegistry, RenderedImage } = await shared("@jupyterlab/rendermime");
    const { INotebookTracker } = await shared("@jupyterlab/notebook");
    const DescribedImage = describing(RenderedImage);
    return {
      id: "bn-course:figures",
      autoStart: true,
      requires: [IRenderMimeRegistry, INotebookTracker],
      activate: (app, registry, notebooks) => {
        registry.addFactory({
          safe: true,
          mimeTypes: ["image/png"],
          createRenderer: (options) => new DescribedImage(options),
        }, registry.getFactory("image/png")?.defaultRank ?? 90);
        notebooks.widgetAdded.connect((_, panel) => showStored(panel));
      },
    };
  }

  (globalThis._JUPYTERLAB ??= {})["bn-course"] = {
    init: (given) => { scope = given; },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
}
