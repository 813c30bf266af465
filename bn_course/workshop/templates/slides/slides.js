// Show the slides once the mathematics is set, and make the letters of a full slide smaller.
const LARGEST = 32, SMALLEST = 18; // px, on a slide of 1280 × 720

function tooFull(slide) {
  const room = slide.getBoundingClientRect(), bottom = room.bottom - 0.03 * room.height;
  return [...slide.querySelectorAll("p, li, pre, table, img, mjx-container[display=true]")].some((piece) => {
    const box = piece.getBoundingClientRect();
    return piece.scrollWidth > piece.clientWidth + 1 || box.right > room.right || box.bottom > bottom;
  });
}

function fit(slide) {
  for (let size = LARGEST; size >= SMALLEST; size -= 1) {
    slide.style.fontSize = `${size}px`;
    if (!tooFull(slide)) return;
  }
  slide.classList.add("scrolls");
}

MathJax.startup.promise.then(async () => {
  Reveal.on("ready", (event) => fit(event.currentSlide));
  Reveal.on("slidechanged", (event) => fit(event.currentSlide));
  Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t", transition: "none",
    pdfSeparateFragments: false, plugins: [RevealNotes],
  });
});
