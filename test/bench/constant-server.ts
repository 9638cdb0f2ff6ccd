// The floor of a REST figure: a bare fastify, in a process of its own, that answers every request with the same text.
import { fastify } from "fastify";

const app = fastify({ bodyLimit: 64 * 2 ** 20 });
let constant = "{}";
const answer = () => constant;
app.addHook("onSend", async (_request, reply) => void reply.header("content-type", "application/json"));
app.get("/*", answer);
app.post("/*", answer);

process.on("message", ({ bytes }: { readonly bytes: number }) => {
  const around = JSON.stringify({ filling: "" }).length;
  constant = JSON.stringify({ filling: "x".repeat(Math.max(bytes - around, 0)) });
  process.send?.({ ready: true });
});
process.on("disconnect", () => process.exit(0));

await app.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port: (app.server.address() as { readonly port: number }).port });
