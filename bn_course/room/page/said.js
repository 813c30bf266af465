// What a vote has come to, in one sentence: the title of its figure.

/** "12 of 20 chose: …" where half of the room or more did, else that nobody has half. */
function most({ counts, answered }, choices) {
  const [letter, count] = Object.entries(counts).sort((one, other) => other[1] - one[1])[0] ?? [];
  if (!letter) return "nobody has voted";
  if (2 * count < answered) return `no choice has half of the ${answered} votes`;
  return `${count} of ${answered} chose: ${choices[letter]}`;
}

export function median(numbers) {
  const middle = numbers.length / 2;
  return (numbers[Math.ceil(middle) - 1] + numbers[Math.floor(middle)]) / 2;
}

export const short = (number) => String(Number(number.toPrecision(3)));

function middle({ numbers }) {
  return numbers.length ? `the median of ${numbers.length} is ${short(median(numbers))}` : "nobody has voted";
}

function outcome({ choices, outcome: right, rounds }) {
  if (!choices) return `the outcome: ${short(right)}`;
  const [before, after] = rounds.map(({ counts, answered }) => `${counts[right] ?? 0} of ${answered}`);
  return `the outcome: ${choices[right]}. ${before} were right${after ? ` before, ${after} after talking` : ""}`;
}

function sentence(vote, learners) {
  const [last, again] = [vote.rounds.at(-1), vote.rounds.length > 1];
  if (vote.outcome !== null) return outcome(vote);
  const voted = `${vote.answered} of ${learners} have voted`;
  if (vote.state === "open") return `${again ? "second vote: " : ""}${voted}`;
  if (vote.state === "closed") return `closed: ${voted}`;
  return `${again ? "after talking, " : ""}${last.counts ? most(last, vote.choices) : middle(last)}`;
}

export function said(vote, learners) {
  return `${sentence(vote, learners).replace(/^./, (first) => first.toUpperCase())}.`;
}

/** Of those who voted twice, who moved where; "" before there is an outcome and a second round. */
export function moved(vote) {
  const moves = vote.moves;
  if (!moves) return "";
  const twice = moves.kept + moves.changed;
  return `Of ${twice} who voted twice, ${moves.wrong_to_right} moved from wrong to right, ` +
    `${moves.right_to_wrong} from right to wrong, and ${moves.kept} stayed.`;
}

/** Which buttons fit now. */
export function fitting(vote, question) {
  const [open, over] = [vote?.state === "open", vote !== null && vote.outcome !== null];
  const resting = vote !== null && !open && !over;
  const again = vote?.question === question && (vote.state === "shown" || over);
  return {
    open: !open && !again,
    close: open,
    show: resting && vote.state === "closed",
    revote: resting && vote.rounds.length === 1,
    outcome: resting,
  };
}
