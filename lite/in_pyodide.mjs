// node in_pyodide.mjs RUNTIME WORK PACKAGES PROGRAM: run a program in Pyodide, with the folder WORK as /work.
const [runtime, work, packages, program] = process.argv.slice(2);
const { loadPyodide } = await import(`file://${runtime}/pyodide.mjs`);
const pyodide = await loadPyodide({ indexURL: `${runtime}/`, packageBaseUrl: `${runtime}/` });
await pyodide.loadPackage(packages.split(","), { messageCallback: () => {} });
pyodide.FS.mkdirTree("/work");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: work }, "/work");
try {
  await pyodide.runPythonAsync(program);
} catch (error) {
  console.error(error.message); // without the source of Pyodide's own code, a million characters long
  process.exitCode = 1;
}
