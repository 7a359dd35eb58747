// Counts verdicts, and answers questions about them: count, primes, largest, state, alive.
//
// Where to bind and connect stands in its environment, and so do its arguments. Needs the npm package zeromq.

const zmq = require("zeromq");

const addresses = (variable) => (process.env[variable] ?? "").split(" ").filter(Boolean);
const { numbers } = JSON.parse(process.env.ORCHESTRATOR_ARGS);
const primes = [];
let count = 0;

/** Binds and connects a socket as the environment says. */
async function join(socket, name) {
  for (const address of addresses(`ZMQ_${name}_BIND`)) await socket.bind(address);
  for (const address of addresses(`ZMQ_${name}_CONNECT`)) socket.connect(address);
  return socket;
}

async function tally(verdicts) {
  for await (const [message] of verdicts) {
    const [number, verdict] = String(message).split(" ");
    count += 1;
    if (verdict === "prime") primes.push(Number(number));
  }
}

function answer(question) {
  if (question === "alive") return "yes";
  if (question === "state") return `${count} of ${numbers} numbers, ${primes.length} primes`;
  if (count < numbers) return "not yet";
  return String({ count, primes: primes.length, largest: Math.max(...primes) }[question]);
}

async function reply(questions) {
  for await (const [question] of questions) await questions.send(answer(String(question)));
}

async function main() {
  const verdicts = await join(new zmq.Pull(), "VERDICTS");
  const questions = await join(new zmq.Reply(), "QUESTIONS");
  console.log(`${process.env.ORCHESTRATOR_PROCESS} waits for ${numbers} numbers`);
  await Promise.all([tally(verdicts), reply(questions)]);
}

main();
