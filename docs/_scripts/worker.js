// Python beside a page, for all its figures: it loads Pyodide once, and then answers one call after another
// of bn_course.explorers.worker. `home` is the address of the folder with Pyodide and its `packages`.
let python;

async function start({ home, packages }) {
  const { loadPyodide } = await import(`${home}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL: home });
  await pyodide.loadPackage(packages, { messageCallback() {} });
  return { pyodide, figures: pyodide.pyimport("bn_course.explorers.worker") };
}

self.onmessage = async ({ data: { python: wanted, turn, call, args } }) => {
  try {
    python ??= start(wanted).catch((error) => {
      python = undefined; // another try may find the network again
      throw error;
    });
    const { pyodide, figures } = await python;
    const answer = figures[call](...args.map((value) => pyodide.toPy(value)));
    self.postMessage({ turn, answer: answer.toJs({ dict_converter: Object.fromEntries }) });
    answer.destroy();
  } catch (error) {
    self.postMessage({ turn, error: error.message.trim().split("\n").at(-1) });
  }
};
