// Reads numbers from its socket `numbers`, sends each doubled to its socket `doubled`. Needs the npm package zeromq.
//
// It knows its addresses by its environment alone, as any program under `command:` does.

const zmq = require("zeromq");

const addresses = (variable) => (process.env[variable] ?? "").split(" ").filter(Boolean);

/** Binds and connects a socket as the environment says. */
async function attach(socket, name) {
  for (const address of addresses(`ZMQ_${name}_BIND`)) await socket.bind(address);
  for (const address of addresses(`ZMQ_${name}_CONNECT`)) socket.connect(address);
}

async function main() {
  const numbers = new zmq.Pull();
  const doubled = new zmq.Push();
  await attach(doubled, "DOUBLED");
  await attach(numbers, "NUMBERS");
  console.log(`${process.env.ORCHESTRATOR_PROCESS} of ${process.env.ORCHESTRATOR_MESH} relays`);
  for await (const [number] of numbers) await doubled.send(String(2 * Number(number)));
}

main();
