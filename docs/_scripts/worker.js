// Python beside a page, for all its figures: it loads Pyodide once, and then answers one call after another
// of bn_course.explorers.worker. `home` is the address of the folder with Pyodide and the course.
let python;

async function start(home) {
  const { loadPyodide } = await import(`${home}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL: home });
  await pyodide.loadPackage(["bn-course", "matplotlib", "traitlets"], { messageCallback() {} });
  return { pyodide, figures: pyodide.pyimport("bn_course.explorers.worker") };
}

self.onmessage = async ({ data: { home, turn, call, args } }) => {
  try {
    python ??= start(home);
    const { pyodide, figures } = await python;
    const answer = figures[call](...args.map((value) => pyodide.toPy(value)));
    self.postMessage({ turn, answer: answer.toJs({ dict_converter: Object.fromEntries }) });
    answer.destroy();
  } catch (error) {
    self.postMessage({ turn, error: error.message.trim().split("\n").at(-1) });
  }
};
