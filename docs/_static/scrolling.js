// What scrolls sideways can be reached by keyboard: it takes the focus while it is wider than its place.
const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll(".highlight pre, .table-wrapper, .cell_output").forEach((node) => watch.observe(node));
